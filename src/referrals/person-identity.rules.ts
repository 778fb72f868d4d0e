/**
 * By what a person is known: the reference of another system, or the pseudonym of an NHS number. The number itself is kept
 * nowhere. It names the commissioner, and the organisation whose reference it is: the same text elsewhere is somebody else.
 */
export type PersonIdentity =
  | {
      readonly kind: 'reference';
      readonly commissionerId: string;
      readonly ownerOrgId: string;
      readonly reference: string;
    }
  | {
      readonly kind: 'nhs_pseudonym';
      readonly commissionerId: string;
      /** 64 hexadecimal digits. */
      readonly pseudonym: string;
    };

/** What is encrypted of a person. */
export interface PersonSecret {
  readonly identity: PersonIdentity;
  /** 64 hexadecimal digits, random: without it nobody can try which identity a commitment is of. */
  readonly salt: string;
}

/** What a person is looked up by, where it is a reference: who asks for it must know all three. */
export function indexInput(commissionerId: string, ownerOrgId: string, reference: string): string {
  return `${commissionerId}|${ownerOrgId}|${reference}`;
}

/** Binds a ciphertext to its place: it opens for no other commissioner, person, kind or version. */
export function vaultContext(commissionerId: string, personId: string, kind: string, version: number): string {
  return `${commissionerId}|${personId}|${kind}|${version}`;
}
