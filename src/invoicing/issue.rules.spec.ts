import { kindOf, providerStepOf, seriesPrefixes, splitOf, waitOf, type Authority } from './issue.rules.js';

const NOTHING: Authority = { hasAgreement: false, standingAuthority: false, issueAuthorisedAt: null, ownNumber: null };

describe('waitOf', () => {
  it.each([
    ['self_billed_invoice', {}, 'agreement'],
    ['self_billed_invoice', { standingAuthority: true, issueAuthorisedAt: new Date(0), ownNumber: '1' }, 'agreement'],
    ['self_billed_invoice', { hasAgreement: true }, null],
    ['invoice', {}, 'authority'],
    ['invoice', { hasAgreement: true, ownNumber: '1' }, 'authority'],
    ['invoice', { standingAuthority: true }, null],
    ['invoice', { issueAuthorisedAt: new Date(0) }, null],
    ['provider_invoice', { hasAgreement: true, standingAuthority: true, issueAuthorisedAt: new Date(0) }, 'own_number'],
    ['provider_invoice', { ownNumber: '1' }, null],
    ['grant_notice', {}, null],
  ] as const)('of a %s with %o is %s', (kind, has, wait) => {
    expect(waitOf(kind, { ...NOTHING, ...has })).toBe(wait);
  });
});

describe('what the provider can do for a draft', () => {
  const draft = { state: 'draft', waitsFor: null, issueAuthorisedAt: null, ownNumber: null } as const;
  it.each([
    ['invoice', { waitsFor: 'authority' }, 'issue'],
    ['invoice', { waitsFor: 'authority', issueAuthorisedAt: new Date(0) }, null],
    ['invoice', { waitsFor: null }, null],
    ['invoice', { waitsFor: 'authority', state: 'issued' }, null],
    ['provider_invoice', { waitsFor: 'own_number' }, 'own_number'],
    ['provider_invoice', { waitsFor: 'own_number', ownNumber: 'A1' }, null],
    ['self_billed_invoice', { waitsFor: 'agreement' }, null],
    ['grant_notice', {}, null],
  ] as const)('for a %s with %o is %s', (kind, has, step) => {
    expect(providerStepOf({ kind, ...draft, ...has })).toBe(step);
  });
});

describe('the documents of a contract', () => {
  it.each([
    ['self_billed', 'self_billed_invoice'],
    ['provider_issued', 'invoice'],
    ['provider_own', 'provider_invoice'],
    ['grant_notice', 'grant_notice'],
  ] as const)('under %s are of kind %s', (mode, kind) => {
    expect(kindOf(mode)).toBe(kind);
  });

  it.each([
    ['invoice', 'S', 'taxed'],
    ['invoice', 'E', 'taxed'],
    ['self_billed_invoice', 'O', 'outside_scope'],
    ['grant_notice', 'O', 'grant'],
  ] as const)('put a line of a %s in category %s with the part %s', (kind, category, split) => {
    expect(splitOf(kind, { category, rateBasisPoints: category === 'S' ? 2_000 : 0 })).toBe(split);
  });
});

describe('seriesPrefixes', () => {
  it('names both sides in full where there is room', () => {
    expect(seriesPrefixes('RIV', 'NELICB', 'self_billed_invoice')).toEqual(['RIVNELICBSB']);
    expect(seriesPrefixes('RIVERSIDE', 'NELCB', 'invoice')).toEqual(['RIVERSIDENELCBIN']);
  });

  it('cuts a long provider’s code, tells like ones apart by a digit, and keeps to 16 characters', () => {
    const prefixes = seriesPrefixes('RIVERSIDECAR', 'NELICB', 'grant_notice');
    expect(prefixes.slice(0, 3)).toEqual(['RIVERSIDNELICBGN', 'RIVERSI2NELICBGN', 'RIVERSI3NELICBGN']);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    expect(prefixes.every((prefix) => prefix.length === 16)).toBe(true);
  });

  it('leaves room for a provider beside the longest commissioner', () => {
    expect(seriesPrefixes('RIVERSIDECAR', 'ABCDEFGHIJKL', 'invoice')[1]).toBe('R2ABCDEFGHIJKLIN');
  });
});
