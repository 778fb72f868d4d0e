import { SecretBox } from '../../src/platform/secret-box.js';
import { PersonVault } from '../../src/referrals/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner } from '../support/world.js';
import { curtain } from './curtain.js';
import { textOfTables } from './demo-canaries.js';
import { commitmentOfSecret, ErasureStage, testNhsNumber, type Referred } from './erasure-stage.js';

const PEOPLE = 20;
const LONG_MS = 120_000;

describe('twenty people who were referred, came, and asked to be forgotten', () => {
  let app: TestApp;
  let stage: ErasureStage;
  let people: Referred[];

  beforeAll(async () => {
    app = await startTestApp();
    stage = await ErasureStage.of(app, await commissioner(app, 'NELICB'));
    people = [];
    for (let n = 1; n <= PEOPLE; n++) {
      const who = n % 2 === 0 ? { nhsNumber: testNhsNumber(n) } : { personReference: `CANARY-${n}-QX7` };
      people.push(await stage.refer(`EL-${n}`, who));
    }
    await stage.deliver(people);
  }, LONG_MS);
  afterAll(() => app.close());

  it('stand nowhere in plain text, and are known to whoever holds the instance’s key', async () => {
    expect(await stored(people.map(({ canary }) => canary))).toEqual([]);
    for (const { personId, canary, by } of people) {
      const { secret } = await stage.person(personId);
      if (by === 'reference') expect(secret?.identity).toMatchObject({ kind: 'reference', reference: canary });
      else expect(secret?.identity).toMatchObject({ kind: 'nhs_pseudonym' });
    }
  });

  it('can be shown to be whom a referral was about, by salt and identity', async () => {
    for (const { personId, referralId } of people) {
      const { secret, commitment } = await stage.person(personId);
      if (!secret) throw new Error('The vault says who it is');
      const committed = await stage.commitmentOf(referralId);
      expect(commitmentOfSecret(secret)).toBe(committed);
      expect(commitment).toBe(committed);
      expect(commitmentOfSecret({ ...secret, salt: '0'.repeat(64) })).not.toBe(committed);
    }
  });

  it(
    'are unrecoverable afterwards, while every proof still verifies',
    async () => {
      const traces: string[] = [];
      for (const { personId } of people) traces.push(...(await stage.traces(personId)));
      expect(traces).toHaveLength(3 * PEOPLE);
      expect(await stored(traces)).toEqual(traces);
      const held = new Map<string, string>();
      for (const { referralId } of people) {
        const [made = ''] = await stage.eventsOf(referralId, 'referral.made');
        held.set(made, await stage.proofOf(made));
      }
      const before = await stage.log();
      const proofs = before.events.map((_, index) => before.prove(index));
      const vaults = await vaultRows();
      expect(vaults).toHaveLength(PEOPLE);

      for (const { personId } of people) await stage.erase(personId);

      expect(await stored([...traces, ...people.map(({ canary }) => canary)])).toEqual([]);
      expect(await vaultRows()).toEqual([]);
      const after = await stage.log();
      expect(after.size).toBe(before.size + PEOPLE);
      expect(after.upTo(before.size).root).toEqual(before.root);
      for (const [index, proof] of proofs.entries()) {
        expect(after.verifies(index, before.size, proof, before.root)).toBe(true);
      }
      for (const [eventId, proof] of held) expect(await stage.isProved(proof, eventId)).toBe(true);
      const [erased = ''] = await stage.eventsOf(people[0]?.personId ?? '', 'person.erased');
      expect(await stage.isProved(await stage.proofOf(erased), erased)).toBe(true);
      expect(await stage.isProved([...held.values()][1] ?? '', erased)).toBe(false);
      expect(after.verifies(0, before.size, proofs[1] ?? [], before.root)).toBe(false);
      expect(after.verifies(after.size - 1, after.size, after.prove(after.size - 1), after.root)).toBe(true);
    },
    LONG_MS,
  );

  it('had ciphertexts that open for nobody else, and not under another instance’s key', () => {
    const [one] = people;
    const vault = new PersonVault(new SecretBox(Buffer.alloc(32, 7)));
    const identity = { kind: 'reference', commissionerId: stage.icb.id, ownerOrgId: 'x', reference: 'A' } as const;
    const sealed = vault.seal(one?.personId ?? '', identity);
    expect(vault.open(stage.icb.id, one?.personId ?? '', sealed).identity).toEqual(identity);
    expect(() => vault.open(stage.icb.id, people[1]?.personId ?? '', sealed)).toThrow();
    expect(() => vault.open(stage.month.provider.id, one?.personId ?? '', sealed)).toThrow();
    const other = new PersonVault(new SecretBox(Buffer.alloc(32, 8)));
    expect(() => other.open(stage.icb.id, one?.personId ?? '', sealed)).toThrow();
  });

  it('leave amounts, states and opaque ids, and an answer that says so', async () => {
    for (const { personId, referralId } of people) {
      const person = await stage.person(personId);
      expect(person).toMatchObject({ secret: null, commitment: null, work: { referrals: 1, claims: 1 } });
      expect(person.erasure).toMatchObject({
        ground: 'no_longer_needed',
        askedBy: 'person',
        forced: false,
        keys: 1,
        ciphertexts: 1,
        lookUps: 1,
        texts: 0,
      });
      expect(person.erasure?.remains.map(({ what, count }) => [what, count])).toEqual([
        ['amounts', 1],
        ['journey', 1],
        ['journal', null],
        ['hashes', 0],
        ['texts', null],
        ['access_log', null],
        ['passing', null],
        ['backups', null],
      ]);
      const { body } = await stage.month.coordinator.get<{ personErasedAt: string }>(`/v1/referrals/${referralId}`);
      expect(body.personErasedAt).toBe(person.erasedAt);
    }
    await stage.month.coordinator.get('/v1/referrals');
    await stage.month.coordinator.get('/v1/sessions');
    await stage.month.coordinator.get('/v1/claims');
    await stage.month.approver.get(`/v1/trace/${people[0]?.referralId}`);
  });

  it('are somebody new when they are referred again', async () => {
    const [one] = people;
    if (!one) throw new Error('There are people');
    const again = await stage.refer('EL-AGAIN', { personReference: one.canary });
    expect(again.personId).not.toBe(one.personId);
    expect((await stage.person(again.personId)).secret?.identity).toMatchObject({ reference: one.canary });
    expect((await stage.person(one.personId)).secret).toBeNull();
  });

  it('leave the books as they were', () => curtain(app));

  /** Those of the texts that stand anywhere in the database, as a superuser sees it. */
  const stored = async (texts: readonly string[]) => {
    const found = new Set<string>();
    for await (const { text } of textOfTables(app.admin))
      for (const one of texts) if (text.includes(one)) found.add(one);
    return texts.filter((one) => found.has(one));
  };
  const vaultRows = async () => (await app.admin.query('select person_id from person_vault')).rows;
});
