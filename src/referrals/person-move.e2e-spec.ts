import { checkInvariants } from '../ledger/index.js';
import { ErasureStage, commitmentOfSecret } from '../../test/stories/erasure-stage.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { occurrences } from '../../test/support/canaries.js';
import { commissioner, type Party } from '../../test/support/world.js';

const MANY = 450;

/** Persons as the version before stored them, moved while this one works. */
describe('persons of the version before', () => {
  let app: TestApp;
  let icb: Party;
  let stage: ErasureStage;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    stage = await ErasureStage.of(app, icb);
  });
  afterAll(() => app.close());

  const plant = async (reference: string | null, pseudonym: Buffer | null = null) => {
    const { rows } = await app.admin.query<{ id: string }>(
      `insert into person (commissioner_id, owner_org_id, reference, pseudonym) values ($1, $2, $3, $4) returning id`,
      [icb.id, stage.surgery.id, reference, pseudonym],
    );
    return rows[0]?.id ?? '';
  };
  const move = async () => {
    await app.jobs.sweep();
    await app.jobs.settle();
  };
  const rowsOf = async (columns: string) =>
    (await app.admin.query<Record<string, unknown>>(`select ${columns} from person order by id`)).rows;

  it('are found by a new referral before they were moved', async () => {
    const old = await plant('plain and old');
    await app.admin.query('begin');
    await app.admin.query('select from person where id = $1 for key share', [old]); // the sweeper passes over it
    const referred = await stage.refer('R-OLD', { personReference: 'plain and old' });
    const { body } = await stage.admin.post('/v1/persons/find', { personReference: 'plain and old' });
    await app.admin.query('commit');
    expect(referred.personId).toBe(old);
    expect(await stage.commitmentOf(referred.referralId)).toBeNull();
    expect(body).toMatchObject({ items: [{ id: old, commitment: null }] });
  });

  it('are moved into the vault in small steps, each with a key of its own', async () => {
    const pseudonym = app.runtime.pseudonyms.of(icb.id, '9990000018');
    const byNumber = await plant(null, pseudonym);
    await app.admin.query('begin');
    await app.admin.query(
      `insert into person (commissioner_id, owner_org_id, reference) select $1, $2, 'MOVED-' || n from generate_series(1, $3) n`,
      [icb.id, stage.surgery.id, MANY],
    );
    expect(await occurrences(app.admin, 'MOVED-77')).toEqual(['public.person']);
    await app.admin.query('commit');
    await move();
    expect(await rowsOf('reference')).toEqual(Array.from({ length: MANY + 2 }, () => ({ reference: null })));
    expect(await occurrences(app.admin, 'MOVED-77')).toEqual([]);
    expect(await occurrences(app.admin, 'plain and old')).toEqual([]);
    const { rows } = await app.admin.query('select distinct wrapped from person_key');
    expect(rows).toHaveLength(MANY + 2);

    const found = await stage.admin.post<{ items: { id: string }[] }>('/v1/persons/find', {
      personReference: 'MOVED-77',
    });
    const person = await stage.person(found.body.items[0]?.id ?? '');
    expect(person.secret?.identity).toMatchObject({ reference: 'MOVED-77', ownerOrgId: stage.surgery.id });
    expect(person.secret && commitmentOfSecret(person.secret)).toBe(person.commitment);
    expect((await stage.person(byNumber)).secret?.identity).toMatchObject({ pseudonym: pseudonym.toString('hex') });
    expect((await stage.refer('R-NHS', { nhsNumber: '9990000018' })).personId).toBe(byNumber);
  });

  it('are moved once, whatever runs again', async () => {
    const before = await rowsOf('id, blind_index, commitment, twin');
    await Promise.all([move(), move()]);
    expect(await rowsOf('id, blind_index, commitment, twin')).toEqual(before);
  });

  it('are the same person for a referral that comes later, and leave a commitment in its event', async () => {
    const referred = await stage.refer('R-LATER', { personReference: 'MOVED-12' });
    const person = await stage.person(referred.personId);
    expect(await stage.commitmentOf(referred.referralId)).toBe(person.commitment);
    expect(await rowsOf('id')).toHaveLength(MANY + 2);
  });

  it('that the version before made beside one of this version are told apart, and both are found', async () => {
    const first = await stage.refer('R-FIRST', { personReference: 'twice' });
    const twin = await plant('twice');
    await move();
    const { body } = await stage.admin.post<{ items: { id: string }[] }>('/v1/persons/find', {
      personReference: 'twice',
    });
    expect(body.items.map(({ id }) => id).toSorted()).toEqual([first.personId, twin].toSorted());
    expect((await stage.refer('R-SECOND', { personReference: 'twice' })).personId).toBe(first.personId);
  });

  it('can be erased, moved or not', async () => {
    const id = await plant('never moved');
    expect((await stage.erase(id)).erasure).toMatchObject({ lookUps: 1 });
    await move();
    expect(await occurrences(app.admin, 'never moved')).toEqual([]);
  });

  it('break no sentence of the books', async () => {
    const query = async (sql: string) => (await app.admin.query<Record<string, unknown>>(sql)).rows;
    const findings = await checkInvariants(query);
    expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([]);
  });
});
