import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatPounds } from '../../money/index.js';
import type { ClaimFile } from './claim-steps.js';
import { playDemo } from './play.js';
import { Stage, type Theatre } from './stage.js';
import { count } from './terminal.js';
import { readWorld, type DemoContract } from './world.schemas.js';

interface Failure {
  row: number;
  column: string;
  entered: string;
  howToFix: string;
}

type Answer = ClaimFile & {
  totalMinor: string;
  failures: Failure[];
  problem: { code: string; row: number | null; howToFix: string } | null;
};

const FAILURES_SHOWN = 20;

/** The contracts under which a file can be sent. */
function contractsOfDemo(dataFolder: string): Pick<DemoContract, 'code' | 'title' | 'provider'>[] {
  return readWorld(dataFolder).world.contracts;
}

/** The columns of a claim file with what each of them holds, and the template itself. */
export function describeTemplate(dataFolder: string): string {
  return readFileSync(join(dataFolder, 'claim-file.txt'), 'utf8');
}

/**
 * Sends a person's own file as the coordinator of the contract's provider, and says what came of it. The demo is played
 * first where it was not yet.
 */
export async function sendOwnFile(theatre: Theatre, request: { file: string; contract: string }): Promise<void> {
  if ((await new Stage(theatre).countEvents()) === 0) await playDemo(theatre);
  const stage = new Stage(theatre);
  const contract = stage.world.contracts.find(({ code }) => code === request.contract);
  if (!contract) throw new Error(`The demo has no contract ${request.contract}`);
  const coordinator = await stage.as(contract.provider, 'coordinator');
  const bytes = readFileSync(request.file);
  const answer = await coordinator.sendCsv<Answer>(`/v1/claim-files?contract=${contract.code}`, bytes);
  for (const line of ['', ...told(stage, contract, request.file, answer)]) stage.progress.line(line);
  if (answer.failed === 0) return;
  const failures = await coordinator.bytes(`/v1/claim-files/${answer.id}/failures.csv`);
  const path = stage.write(`own/${contract.code}-failures.csv`, failures);
  stage.progress.line(`The rows to correct, with reasons, are in ${path}: correct them there and send that file.`);
}

function told(stage: Stage, contract: DemoContract, file: string, answer: Answer): string[] {
  const { rows, accepted, included, repeated, failed, totalMinor, droppedColumns, failures, problem } = answer;
  const provider = stage.world.providers.find(({ code }) => code === contract.provider);
  return [
    `${file}: ${count(rows, 'row')} claimed by ${provider?.name} under ${contract.code}, ${contract.title}`,
    `  accepted   ${accepted}, ${formatPounds(BigInt(totalMinor))} provisionally`,
    `  included   ${included}, recorded, and paid by the claim of another row or of the month`,
    `  repeated   ${repeated}, taken before, without a second effect`,
    `  to correct ${failed}`,
    ...(droppedColumns.length > 0
      ? [`  Columns that are not of the template were dropped: ${droppedColumns.join(', ')}`]
      : []),
    ...(problem ? [`  From row ${problem.row ?? 1} on nothing could be read: ${problem.howToFix}`] : []),
    ...failures.slice(0, FAILURES_SHOWN).map(describeFailure),
    ...(failures.length > FAILURES_SHOWN ? [`  … and ${failures.length - FAILURES_SHOWN} more`] : []),
  ];
}

function describeFailure({ row, column, entered, howToFix }: Failure): string {
  const cell = entered === '' ? column : `${column} “${entered}”`;
  return `  row ${row}, ${cell}: ${howToFix}`;
}

/** What is wrong with a request to send a file; undefined when nothing is. */
export function whyNotSend(
  dataFolder: string,
  { file, contract }: { file: string; contract: string },
): string | undefined {
  if (!existsSync(file)) return `There is no file ${file}.`;
  const contracts = contractsOfDemo(dataFolder);
  if (contracts.some(({ code }) => code === contract)) return undefined;
  const list = contracts.map(({ code, title }) => `  ${code.padEnd(12)} ${title}`);
  return `The demo has no contract ${contract}. It has:\n${list.join('\n')}`;
}
