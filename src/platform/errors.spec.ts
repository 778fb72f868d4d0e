import { domainErrorOf, onConstraint, sqlState } from './constraints.js';
import { assert, defineError, DomainError, errorCatalogue, findErrorDefinition, STATUS_OF_KIND } from './errors.js';

const tooLate = defineError({
  code: 'spec.too_late',
  kind: 'rule_broken',
  title: 'The day is over.',
  fix: 'Come back tomorrow.',
});
const tooEarly = defineError({ ...tooLate.definition, code: 'spec.too_early' });

/** As pg and as TypeORM report it. */
const plain = (code: string, constraint?: string) => Object.assign(new Error('pg'), { code, constraint });
const wrapped = (code: string, constraint?: string) =>
  Object.assign(new Error('typeorm'), { driverError: plain(code, constraint) });

describe('a declared error', () => {
  it('says what happened and what to do about it', () => {
    expect(tooLate({ on: '2026-10-29' })).toMatchObject({
      kind: 'rule_broken',
      code: 'spec.too_late',
      status: 422,
      message: 'The day is over. Come back tomorrow.',
      details: { on: '2026-10-29' },
    });
    expect(tooLate({}, 'Half past five.').message).toBe('Half past five.');
  });

  it('stands in the catalogue once, in the order of codes', () => {
    const codes = errorCatalogue().map(({ code }) => code);
    expect(codes).toContain('spec.too_late');
    expect(codes).toEqual([...codes].sort((a, b) => a.localeCompare(b)));
    expect(findErrorDefinition('spec.too_late')).toBe(tooLate.definition);
    expect(() => defineError({ ...tooLate.definition, title: 'Something else.' })).toThrow(
      'spec.too_late is defined twice',
    );
  });

  it('has a status for each kind', () => {
    expect(STATUS_OF_KIND).toEqual({
      unauthenticated: 401,
      not_found: 404,
      forbidden: 403,
      conflict: 409,
      rule_broken: 422,
      invalid: 400,
      busy: 503,
    });
  });
});

describe('a failed constraint', () => {
  it.each([
    ['pg', plain],
    ['TypeORM', wrapped],
  ])('of %s is the error that its name stands for', (_, failure) => {
    onConstraint('spec_constraint', tooLate);
    expect(domainErrorOf(failure('23514', 'spec_constraint'))).toMatchObject({ code: 'spec.too_late' });
  });

  it('of a foreign key without a name of its own is a reference to nothing', () => {
    const error = domainErrorOf(wrapped('23503', 'claim_referral_fkey'));
    expect(error).toMatchObject({ code: 'request.unknown_reference', details: { constraint: 'claim_referral_fkey' } });
  });

  it.each([
    ['an unknown constraint', wrapped('23505', 'nobody_knows')],
    ['a failure without a constraint', wrapped('42P01')],
    ['a bug', new TypeError('x is undefined')],
    ['nothing', null],
  ])('is no domain error when it is %s', (_, error) => {
    expect(domainErrorOf(error)).toBeUndefined();
  });

  it('cannot stand for two errors', () => {
    onConstraint('spec_twice', tooLate);
    onConstraint('spec_twice', tooLate);
    expect(() => onConstraint('spec_twice', tooEarly)).toThrow('spec_twice already stands for another error');
  });

  it('has its SQLSTATE read from either place', () => {
    expect([sqlState(plain('40001')), sqlState(wrapped('40P01')), sqlState(new Error('x')), sqlState(null)]).toEqual([
      '40001',
      '40P01',
      undefined,
      undefined,
    ]);
  });
});

it('assert tells a bug from a refusal', () => {
  expect(() => assert(true, 'fine')).not.toThrow();
  expect(() => assert(0, 'no rows')).toThrow('Assertion failed: no rows');
  expect(() => assert(false, 'x')).not.toThrow(DomainError);
});
