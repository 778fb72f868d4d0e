import { eraseAs, readEraseCall } from '../../src/commands/erase.command.js';
import { ErasureService, PersonsService } from '../../src/privacy/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner } from '../support/world.js';
import { ErasureStage } from './erasure-stage.js';

describe('wellpaid erase', () => {
  let app: TestApp;
  let stage: ErasureStage;
  let other: ErasureStage;

  beforeAll(async () => {
    app = await startTestApp();
    stage = await ErasureStage.of(app, await commissioner(app, 'NELICB'));
    other = await ErasureStage.of(app, await commissioner(app, 'LEEDS'));
  });
  afterAll(() => app.close());

  const erase = async (...given: string[]) => {
    const call = readEraseCall([...given, '--ground', 'objection', '--asked-by', 'person']);
    return (await eraseAs(app.database, app.nest.get(PersonsService), app.nest.get(ErasureService), call)).join('\n');
  };

  it('shows whom it means, and does nothing until somebody is sure', async () => {
    const one = await stage.refer('EL-7', { personReference: 'secret-7' });
    await stage.close(one);
    const shown = await erase('el-7');
    expect(shown).toContain(`Person ${one.personId}`);
    expect(shown).toContain('Referrals: 1 (open: 0)');
    expect(shown).toContain('Nothing was done');
    expect(shown).not.toContain('secret-7');
    expect((await stage.person(one.personId)).erasedAt).toBeNull();
    const done = await erase('EL-7', '--yes');
    expect(done).toContain('Destroyed: keys 1, ciphertexts 1, look-ups 1');
    expect(done).toMatch(/six years[^]*24 months[^]*30 days[^]*restored backup/);
    expect((await stage.person(one.personId)).erasure).toMatchObject({ ground: 'objection', askedBy: 'person' });
    await expect(erase(one.personId, '--yes')).rejects.toThrow('has been erased');
  });

  it('finds a person by id in whichever books, and asks which where a reference is of several', async () => {
    const here = await stage.refer('TWICE', { personReference: 'a' });
    const there = await other.refer('TWICE', { personReference: 'b' });
    await other.close(there);
    await expect(erase('TWICE', '--yes')).rejects.toThrow(new RegExp(`Several[^]*${here.personId}`));
    expect(await erase('TWICE', '--commissioner', 'LEEDS')).toContain(there.personId);
    expect(await erase(there.personId, '--yes')).toContain(`Person ${there.personId} is erased`);
    await expect(erase('NOBODY')).rejects.toThrow('Nobody is known by NOBODY');
  });

  it('says what must end first', async () => {
    const one = await stage.refer('OPEN', { personReference: 'c' });
    await expect(erase('OPEN', '--yes')).rejects.toThrow(/still needs[^]*open referrals: 1, undecided claims: 0/);
    await expect(erase('OPEN', '--yes', '--force')).rejects.toThrow('leaves no choice');
    expect((await stage.person(one.personId)).erasedAt).toBeNull();
  });

  it.each([[[]], [['A', 'B']], [['A', '--ground', 'whim']], [['A', '--unheard-of']]])(
    'says how it is called when it is called otherwise: %j',
    (given) => {
      expect(() => readEraseCall(given)).toThrow(/Usage: wellpaid erase/);
    },
  );
});
