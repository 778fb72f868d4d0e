import { pageOf, PageQuery } from './page.js';

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `id-${index}` }));

describe('a page', () => {
  it.each([
    [0, 0, null],
    [1, 1, null],
    [3, 3, null],
    [4, 3, 'id-2'],
  ])('made of %i rows read for 3 has %i, and then %s', (read, shown, next) => {
    expect(pageOf(rows(read), 3)).toEqual({ items: rows(shown), next });
  });

  it('is asked for with a limit and a place to begin', () => {
    const after = '01890a5d-ac96-774b-bcce-b302099a8057';
    expect(PageQuery.parse({})).toEqual({ limit: 50 });
    expect(PageQuery.parse({ limit: '500', after })).toEqual({ limit: 500, after });
  });

  it.each([{ limit: '0' }, { limit: '501' }, { limit: '1.5' }, { limit: '' }, { after: 'x' }, { offset: '3' }])(
    'is not asked for with %j',
    (query) => {
      expect(PageQuery.safeParse(query).success).toBe(false);
    },
  );
});
