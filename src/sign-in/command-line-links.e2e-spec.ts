import { SoftwareAuthenticator } from '../../test/support/software-authenticator.js';
import { openSignInStage, visitor, type SignInStage } from '../../test/support/sign-in-stage.js';
import { OrganisationsService } from '../organisations/index.js';
import { JoiningService } from './joining.service.js';
import { SessionsService } from './sessions.service.js';

const DAY = 24 * 3600;
const UNUSABLE = { code: 'invitation.unusable' };

describe('links of the command line', () => {
  let stage: SignInStage;
  let joining: JoiningService;
  let sessions: SessionsService;

  beforeAll(async () => {
    stage = await openSignInStage();
    joining = stage.get(JoiningService);
    sessions = stage.get(SessionsService);
  });
  afterAll(() => stage.close());

  const enter = async (url: string) => {
    const link = url.split('/').at(-1) ?? '';
    const browser = visitor();
    const device = new SoftwareAuthenticator(stage.origin);
    const options = await joining.offerPasskey(browser, link, { displayName: 'ignored' });
    const opened = await joining.withPasskey(browser, link, 'Key', device.create(options));
    return { ...opened, device, link };
  };

  it('make somebody who runs the instance, and nobody else by their address', async () => {
    const choir = await stage.organisation('provider', 'CHOIR');
    const stranger = await stage.withPasskey(choir, 'ops@host.example', ['admin']);
    const first = await joining.makeOperator('Ops@Host.Example', 'Olu');
    expect(first).toMatch(/^http:\/\/localhost:8080\/join\/wp_u_[\w-]{43}$/);
    const operator = await enter(first);
    expect(await sessions.get(operator.token)).toMatchObject({
      login: { operator: true, displayName: 'Olu', email: 'ops@host.example' },
      memberships: [],
      memberId: null,
    });
    expect((await sessions.get(stranger.token)).login.operator).toBe(false);
    await expect(joining.show(operator.link)).rejects.toMatchObject(UNUSABLE);
    const again = await enter(await joining.makeOperator('ops@host.example', 'Olu'));
    expect(again.loginId).toBe(operator.loginId);
  });

  it('are good once, also at once, and for seven days', async () => {
    const link = (await joining.makeOperator('second@host.example', 'Sol')).split('/').at(-1) ?? '';
    const ready = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const browser = visitor();
        const options = await joining.offerPasskey(browser, link, { displayName: '' });
        return { browser, answer: new SoftwareAuthenticator(stage.origin).create(options) };
      }),
    );
    const all = await Promise.allSettled(
      ready.map(({ browser, answer }) => joining.withPasskey(browser, link, 'Key', answer)),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { rows } = await stage.admin.query(
      'select from passkey p join login l on l.id = login_id where l.email = $1',
      ['second@host.example'],
    );
    expect(rows).toHaveLength(1);
    const late = (await joining.makeOperator('second@host.example', 'Sol')).split('/').at(-1) ?? '';
    stage.pass(7 * DAY);
    await expect(joining.show(late)).rejects.toMatchObject(UNUSABLE);
  });

  it('let a member in who only had keys, and one who lost every way in', async () => {
    const organisations = stage.get(OrganisationsService);
    const { organisation, member } = await organisations.setUp({
      code: 'LEEDS',
      name: 'Leeds',
      legalForm: 'council',
      address: ['1 Street'],
      postcode: 'E1 6AN',
      admin: { displayName: 'First', email: 'first@leeds.example', roles: ['admin'] },
    });
    const opened = await enter(await joining.makeLink('LEEDS', 'FIRST@leeds.example'));
    const session = await sessions.get(opened.token);
    expect(session.memberships).toMatchObject([{ memberId: member.id, organisationId: organisation.id }]);
    const again = await enter(await joining.makeLink('LEEDS', 'first@leeds.example'));
    expect(again.loginId).toBe(opened.loginId);
    await expect(joining.makeLink('LEEDS', 'nobody@leeds.example')).rejects.toMatchObject({ code: 'not_found' });
  });
});
