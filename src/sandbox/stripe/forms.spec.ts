import { decodeForm } from './forms.js';

describe('Bracket forms', () => {
  it.each<[string, unknown]>([
    ['', {}],
    ['amount=100&currency=gbp', { amount: '100', currency: 'gbp' }],
    ['metadata[attempt]=1&metadata[instruction]=a%26b', { metadata: { attempt: '1', instruction: 'a&b' } }],
    ['payments[payouts][schedule][interval]=manual', { payments: { payouts: { schedule: { interval: 'manual' } } } }],
    ['types[0]=a&types[1]=b', { types: ['a', 'b'] }],
    ['types[]=a&types[]=b', { types: ['a', 'b'] }],
    ['created[gte]=1&created[lt]=2', { created: { gte: '1', lt: '2' } }],
    ['list[0][a]=1&list[1][a]=2', { list: [{ a: '1' }, { a: '2' }] }],
  ])('decodes %s', (text, expected) => {
    expect(decodeForm(text)).toEqual(expected);
  });

  it.each(['a=1&a=2', 'a=1&a[b]=2', '[a]=1', 'a[=1', 'a[b]c=1', '__proto__[x]=1', 'a[constructor]=1'])(
    'refuses %s',
    (text) => {
      expect(() => decodeForm(text)).toThrow(RangeError);
    },
  );
});
