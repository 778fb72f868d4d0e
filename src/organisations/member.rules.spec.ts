import fc from 'fast-check';
import { ROLES, type Role } from '../platform/actor.js';
import {
  inOrder,
  rolesOf,
  rolesThatDoNotFit,
  whyNotChange,
  type MemberChange,
  type MemberFacts,
} from './member.rules.js';

const member = (id: string, roles: Role[], isDisabled = false): MemberFacts => ({ id, roles, isDisabled });
const without = { kind: 'roles', roles: ['finance'] } as const;

describe('a change of a member', () => {
  const ada = member('ada', ['admin']);
  const ben = member('ben', ['admin', 'finance']);
  const gone = member('gone', ['admin'], true);
  const cy = member('cy', ['approver']);

  it.each<[string, MemberChange, MemberFacts, string, MemberFacts[], string | undefined]>([
    ['roles of a colleague', without, cy, 'ada', [ada, cy], undefined],
    ['one’s own roles', without, ada, 'ada', [ada, ben], 'own_rights'],
    ['one’s own roles, to the same', { kind: 'roles', roles: ['admin'] }, ada, 'ada', [ada], 'own_rights'],
    ['one’s own limit', { kind: 'limit' }, ada, 'ada', [ada, ben], 'own_rights'],
    ['a colleague’s limit', { kind: 'limit' }, ada, 'ben', [ada, ben], undefined],
    ['the end of one admin of two', without, ada, 'ben', [ada, ben], undefined],
    ['the end of the last admin', without, ada, 'cy', [ada, cy], 'last_admin'],
    ['the last admin beside a disabled one', without, ada, 'cy', [ada, gone, cy], 'last_admin'],
    ['a last admin who stays admin', { kind: 'roles', roles: ['admin', 'finance'] }, ada, 'cy', [ada], undefined],
    ['disabling the last admin', { kind: 'disable' }, ada, 'cy', [ada, cy], 'last_admin'],
    ['disabling oneself as the last admin', { kind: 'disable' }, ada, 'ada', [ada, cy], 'last_admin'],
    ['leaving while another admin stays', { kind: 'disable' }, ada, 'ada', [ada, ben], undefined],
    ['disabling somebody who is no admin', { kind: 'disable' }, cy, 'ada', [ada, cy], undefined],
    ['roles of a disabled admin', without, gone, 'ada', [ada, gone], undefined],
    ['enabling', { kind: 'enable' }, gone, 'ada', [ada, gone], undefined],
  ])('%s', (_what, change, one, by, all, expected) => {
    expect(whyNotChange(change, one, by, all)).toBe(expected);
  });

  it('never leaves an organisation without an admin, whoever changes whom', () => {
    const roles = fc.subarray<Role>(['admin', 'finance'], { minLength: 1 });
    const members = fc
      .array(fc.record({ roles, isDisabled: fc.boolean() }), { minLength: 1, maxLength: 4 })
      .map((all) => [member('0', ['admin']), ...all.map((one, at) => ({ ...one, id: String(at + 1) }))]);
    const step = fc.record({
      at: fc.nat(),
      by: fc.nat(),
      change: fc.oneof(
        roles.map((given) => ({ kind: 'roles' as const, roles: given })),
        fc.constantFrom({ kind: 'disable' as const }, { kind: 'enable' as const }),
      ),
    });
    fc.assert(
      fc.property(members, fc.array(step, { maxLength: 20 }), (start, steps) => {
        let all: MemberFacts[] = start;
        for (const { at, by, change } of steps) {
          const one = all[at % all.length];
          const asks = all[by % all.length];
          if (!one || whyNotChange(change, one, asks?.id ?? null, all) !== undefined) continue;
          const after =
            change.kind === 'roles'
              ? { ...one, roles: change.roles }
              : { ...one, isDisabled: change.kind === 'disable' };
          all = all.map((each) => (each === one ? after : each));
        }
        expect(all.some(({ roles: given, isDisabled }) => !isDisabled && given.includes('admin'))).toBe(true);
      }),
    );
  });
});

describe('roles', () => {
  it('fit the kind of the organisation', () => {
    expect(rolesThatDoNotFit('provider', ['treasurer', 'approver', 'referrer'])).toEqual(['approver', 'referrer']);
    for (const kind of ['commissioner', 'provider', 'referrer'] as const) {
      expect(rolesThatDoNotFit(kind, rolesOf(kind))).toEqual([]);
      expect(rolesOf(kind)).toContain('admin');
      expect(rolesThatDoNotFit(kind, ROLES)).toContain('operator');
    }
  });

  it('are one list for one set', () => {
    expect(inOrder('provider', ['admin', 'treasurer', 'admin'])).toEqual(['treasurer', 'admin']);
    expect(inOrder('provider', ['treasurer', 'admin'])).toEqual(['treasurer', 'admin']);
  });
});
