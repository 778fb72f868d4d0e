import { parseArgs } from 'node:util';
import { createApp } from '../app.js';
import { OrganisationsService, RegisterOrganisation } from '../organisations/index.js';
import { readConfig } from '../platform/config.js';
import { DomainError } from '../platform/errors.js';
import { openRuntime } from '../runtime.js';
import { JoiningService } from '../sign-in/index.js';
import { expectedError } from './expected-error.js';

const SET_UP_USAGE = `wellpaid setup --code NELICB --name "North East London ICB" --legal-form nhs_body
  --address "4th floor, Unex Tower" --address "London" --postcode "E15 1DA" [--ods QMF]
  --admin-name "A. Person" --admin-email a.person@example.org`;

/** `wellpaid setup`: adds a commissioner, its first member with every role, and prints that member's personal key and invitation. */
export async function setUpCommand(arguments_: string[]): Promise<number> {
  const given = readOptions(arguments_, SET_UP_USAGE, [
    'code',
    'name',
    'legal-form',
    'postcode',
    'ods',
    'admin-name',
    'admin-email',
  ]);
  const parsed = RegisterOrganisation.omit({ kind: true }).safeParse({
    code: given.values.code,
    name: given.values.name,
    legalForm: given.values['legal-form'],
    address: given.address,
    postcode: given.values.postcode,
    ...(given.values.ods !== undefined && { odsCode: given.values.ods }),
  });
  const { 'admin-name': displayName, 'admin-email': email } = given.values;
  if (!parsed.success || displayName === undefined || email === undefined) {
    const problems = parsed.error?.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`) ?? [];
    throw expectedError(['Something is missing or wrong:', ...problems, `Usage: ${SET_UP_USAGE}`].join('\n'));
  }
  return withOrganisations(async (organisations, joining) => {
    const { key } = await organisations.setUp({
      ...parsed.data,
      admin: { displayName, email, roles: ['admin', 'contract_manager'] },
    });
    const link = await joining.makeLink(parsed.data.code, email);
    process.stdout.write(
      `${parsed.data.code} is set up. To sign in, ${email} opens this once, within seven days:\n${link}\n` +
        `Personal key of ${email} for the API, shown once:\n${key.key}\n`,
    );
  });
}

/** `wellpaid key --organisation CODE --email a@b`: prints a personal key, for whoever can run this program. */
export async function keyCommand(arguments_: string[]): Promise<number> {
  const usage = 'wellpaid key --organisation CODE --email a.person@example.org';
  const { values } = readOptions(arguments_, usage, ['organisation', 'email']);
  const { organisation, email } = values;
  if (organisation === undefined || email === undefined) throw expectedError(`Usage: ${usage}`);
  return withOrganisations(async (organisations) => {
    const key = await organisations.personalKey(organisation, email);
    process.stdout.write(`${key.key}\n`);
  });
}

async function withOrganisations(
  work: (organisations: OrganisationsService, joining: JoiningService) => Promise<void>,
): Promise<number> {
  const runtime = await openRuntime(readConfig(), { work: false });
  try {
    const app = await createApp(runtime);
    try {
      await work(app.get(OrganisationsService), app.get(JoiningService));
    } finally {
      await app.close();
    }
  } catch (error) {
    throw error instanceof DomainError ? expectedError(error.message) : error;
  } finally {
    await runtime.stop();
  }
  return 0;
}

function readOptions(
  arguments_: string[],
  usage: string,
  names: string[],
): { values: Record<string, string | undefined>; address: string[] } {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({
      args: arguments_,
      options: { ...options, address: { type: 'string', multiple: true } },
    });
    const { address, ...rest } = values;
    return { values: rest, address: address ?? [] };
  } catch (error) {
    throw expectedError(`${(error as Error).message}\nUsage: ${usage}`);
  }
}
