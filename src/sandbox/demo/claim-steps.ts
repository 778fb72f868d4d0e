import { createHash } from 'node:crypto';
import { forEach, type Api } from './api.js';
import type { Stage } from './stage.js';
import { count, number } from './terminal.js';
import type { DemoContract, Expected } from './world.schemas.js';

/** A claim file as the API describes it. */
export interface ClaimFile {
  id: string;
  state: 'receiving' | 'received' | 'refused';
  repeatsId: string | null;
  rows: number;
  accepted: number;
  repeated: number;
  included: number;
  failed: number;
  sha256: string | null;
  droppedColumns: string[];
}

export interface ClaimFigures {
  rows: number;
  accepted: number;
  failed: number;
  /** Files sent a second time, and what was new in them. */
  resent: number;
  newInResent: number;
  corrected: number;
  singly: number;
}

type Counts = Expected['claims'][string];

/** 5 October: each provider sends its file, some claim one by one, and all send their file again. */
export async function claim(stage: Stage): Promise<ClaimFigures> {
  const { world, progress } = stage;
  const received = await progress.phase('Receiving claim files', async () => {
    const files: ClaimFile[] = [];
    for (const contract of world.contracts) {
      files.push(await ensureReceived(stage, contract));
      progress.step(`${number(sumOf(files, 'rows'))} rows of ${count(files.length, 'file')}`);
    }
    const outcome = `${count(sumOf(files, 'rows'), 'row')} of ${count(files.length, 'file')}: ${number(takenOf(files))} accepted, ${number(sumOf(files, 'failed'))} to correct`;
    return { answer: files, outcome };
  });
  const again = await progress.phase('Sending them again', async () => {
    const files: ClaimFile[] = [];
    for (const contract of world.contracts) files.push(await ensureResent(stage, contract));
    return { answer: files, outcome: `${count(files.length, 'file')}: ${number(newIn(files))} rows are new` };
  });
  const singly = await progress.phase('Claiming one by one', async () => {
    const claims = await claimSingly(stage);
    return { answer: claims, outcome: `${count(claims, 'claim')}: milestones, referral fees and monthly amounts` };
  });
  return {
    rows: sumOf(received, 'rows'),
    accepted: takenOf(received),
    failed: sumOf(received, 'failed'),
    resent: again.length,
    newInResent: newIn(again),
    corrected: 0,
    singly,
  };
}

/** 6 October, before the review: the failures of one provider come back corrected. */
export async function sendCorrections(stage: Stage): Promise<number> {
  return stage.progress.phase('Sending corrections', async () => {
    let rows = 0;
    for (const [code, expected] of Object.entries(stage.expected.corrected)) {
      const contract = contractOf(stage, code);
      const bytes = stage.file('claims', 'corrected', `${code}.csv`);
      const file = (await findReceived(stage, contract, bytes)) ?? (await send(stage, contract, bytes));
      expectFile(`claims/corrected/${code}.csv`, file, expected);
      await writeFailures(stage, contract, file, `${code}-corrected`);
      rows += takenOf([file]);
    }
    return { answer: rows, outcome: `${count(rows, 'row')} accepted now` };
  });
}

async function ensureReceived(stage: Stage, contract: DemoContract): Promise<ClaimFile> {
  const bytes = fileOf(stage, contract);
  const file = (await findReceived(stage, contract, bytes)) ?? (await send(stage, contract, bytes));
  expectFile(`claims/${contract.code}.csv`, file, stage.expected.claims[contract.code]);
  await writeFailures(stage, contract, file, contract.code);
  return file;
}

async function ensureResent(stage: Stage, contract: DemoContract): Promise<ClaimFile> {
  const bytes = fileOf(stage, contract);
  const [, repeat] = await receivedFiles(stage, contract, bytes);
  return repeat ?? send(stage, contract, bytes);
}

function fileOf(stage: Stage, { code }: DemoContract): Buffer {
  return stage.file('claims', `${code}.csv`);
}

async function findReceived(stage: Stage, contract: DemoContract, bytes: Buffer): Promise<ClaimFile | undefined> {
  return (await receivedFiles(stage, contract, bytes))[0];
}

/** The files with these bytes that were received to their end, the first one first. */
async function receivedFiles(stage: Stage, contract: DemoContract, bytes: Buffer): Promise<ClaimFile[]> {
  const coordinator = await stage.as(contract.provider, 'coordinator');
  const files = await coordinator.list<ClaimFile>(`/v1/claim-files?contract=${stage.idOf(contract.code)}`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return files.filter((file) => file.state === 'received' && file.sha256 === sha256);
}

async function send(stage: Stage, contract: DemoContract, bytes: Buffer): Promise<ClaimFile> {
  const coordinator = await stage.as(contract.provider, 'coordinator');
  return coordinator.sendCsv(`/v1/claim-files?contract=${stage.idOf(contract.code)}`, bytes);
}

async function writeFailures(stage: Stage, contract: DemoContract, file: ClaimFile, name: string): Promise<void> {
  if (file.failed === 0) return;
  const coordinator = await stage.as(contract.provider, 'coordinator');
  stage.write(`failures/${name}.csv`, await coordinator.bytes(`/v1/claim-files/${file.id}/failures.csv`));
}

/** Whoever made the file knows how many rows must be taken. A row that a cut-off run took before counts as taken. */
function expectFile(name: string, file: ClaimFile, expected: Counts | undefined): void {
  const { rows, accepted, repeated, included, failed } = file;
  if (rows === expected?.rows && failed === expected.failed && accepted + repeated + included === expected.good) return;
  const got = { rows, accepted, repeated, included, failed };
  throw new Error(`${name}: got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`);
}

/**
 * Gives the number of claims. Each has a reference of its own, by which it is known again: once the commissioner has
 * rejected one, its fact is free, and sending it again would claim it anew.
 */
async function claimSingly(stage: Stage): Promise<number> {
  const { milestones, fees, blocks } = stage.journey;
  const wanted: SingleClaim[] = [
    ...milestones.map(({ contract, referral, milestone: name, reachedOn }) => ({
      contract,
      yourReference: `${referral}/${name}`,
      ask: async () => ({
        path: '/v1/milestones',
        body: { referralId: await referralId(stage, contract, referral), name, reachedOn },
      }),
    })),
    ...fees.map(({ contract, referral }) => ({
      contract,
      yourReference: `${referral}/fee`,
      ask: async () => ({
        path: '/v1/claims',
        body: { fact: { kind: 'referral', id: await referralId(stage, contract, referral) } },
      }),
    })),
    ...blocks.map(({ contract, service, period }) => ({
      contract,
      yourReference: `${service}/${period.slice(0, 7)}`,
      ask: async () => ({ path: '/v1/claims', body: { fact: { kind: 'period', month: period.slice(0, 7), service } } }),
    })),
  ];
  for (const code of new Set(wanted.map(({ contract }) => contract))) {
    const coordinator = await stage.as(contractOf(stage, code).provider, 'coordinator');
    const claims = await coordinator.list<{ yourReference: string | null }>(`/v1/claims?contract=${stage.idOf(code)}`);
    const known = new Set(claims.map(({ yourReference }) => yourReference));
    const open = wanted.filter(({ contract, yourReference }) => contract === code && !known.has(yourReference));
    await forEach(open, async ({ yourReference, ask }) => {
      const { path, body } = await ask();
      await coordinator.post(path, { contract: stage.idOf(code), yourReference, ...body });
    });
  }
  return wanted.length;
}

interface SingleClaim {
  readonly contract: string;
  readonly yourReference: string;
  readonly ask: () => Promise<{ path: string; body: object }>;
}

async function referralId(stage: Stage, code: string, reference: string): Promise<string> {
  const contract = contractOf(stage, code);
  const coordinator: Api = await stage.as(contract.provider, 'coordinator');
  const query = `contractId=${stage.idOf(code)}&reference=${encodeURIComponent(reference)}`;
  const [referral] = await coordinator.list<{ id: string }>(`/v1/referrals?${query}`);
  if (!referral) throw new Error(`There is no referral ${reference} under ${code}`);
  return referral.id;
}

export function contractOf(stage: Stage, code: string): DemoContract {
  const contract = stage.world.contracts.find((one) => one.code === code);
  if (!contract) throw new Error(`world.json has no contract ${code}`);
  return contract;
}

function takenOf(files: readonly ClaimFile[]): number {
  return sumOf(files, 'accepted') + sumOf(files, 'included') + sumOf(files, 'repeated');
}

function newIn(files: readonly ClaimFile[]): number {
  return sumOf(files, 'accepted') + sumOf(files, 'included');
}

function sumOf(files: readonly ClaimFile[], key: 'rows' | 'accepted' | 'repeated' | 'included' | 'failed'): number {
  return files.reduce((sum, file) => sum + file[key], 0);
}
