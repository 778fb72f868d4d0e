import type { Page } from 'playwright-core';
import type { TestApp } from '../../support/app.js';
import { openSession } from '../../support/visitors.js';
import type { Party, Person } from '../../support/world.js';
import type { Role } from '../../../src/platform/actor.js';

/** Where a browser finds the application: by a name, because passkeys are bound to one. */
export function siteOf(app: TestApp): string {
  return `http://localhost:${new URL(app.url).port}`;
}

/** Puts the session of a person into the browser: they have just proved who they are, unless `fresh` says otherwise. */
export async function signInAs(
  page: Page,
  app: TestApp,
  person: Pick<Person, 'memberId'>,
  options: { fresh?: boolean } = {},
): Promise<void> {
  const value = await openSession(app, person.memberId, options);
  await page
    .context()
    .addCookies([{ name: 'wellpaid-session', value, url: siteOf(app), httpOnly: true, sameSite: 'Lax' }]);
}

/** Signs in as a member of an organisation with these roles. */
export async function signIn(page: Page, app: TestApp, party: Party, ...roles: Role[]): Promise<Person> {
  const person = await party.as(...roles);
  await signInAs(page, app, person);
  return person;
}
