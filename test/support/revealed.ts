import type { TestApp } from './app.js';

/** A row of the log of reads. */
export interface LoggedRead {
  commissionerId: string;
  kind: string;
  route: string;
  actorOrgId: string;
  memberId: string | null;
  referralIds: string[];
  personIds: string[];
}

/** Who is known by what: referrals by id, reference and person, claims by the reference that their provider gave them. */
export class Revealing {
  private constructor(private readonly referrals: readonly { id: string; personId: string; marks: string[] }[]) {}

  static async in(app: TestApp): Promise<Revealing> {
    const { rows } = await app.admin.query<{ id: string; personId: string; marks: string[] }>(
      `select r.id, r.person_id as "personId",
              array_remove(array[r.id::text, r.reference, r.person_id::text] || array_agg(c.your_reference), null) as marks
       from referral r left join claim c on c.referral_id = r.id group by r.id, r.person_id, r.reference`,
    );
    return new Revealing(rows);
  }

  /** The referrals whose id, reference, person or claims an answer names; what the request itself named does not count. */
  in(answer: string, asked: string): { id: string; personId: string }[] {
    return this.referrals.filter(({ marks }) => marks.some((mark) => answer.includes(mark) && !asked.includes(mark)));
  }
}

/** What was logged under a correlation id. */
export async function loggedReads(app: TestApp, correlationId: string): Promise<LoggedRead[]> {
  const { rows } = await app.admin.query<LoggedRead>(
    `select commissioner_id as "commissionerId", kind, route, actor_org_id as "actorOrgId", member_id as "memberId",
            referral_ids as "referralIds", person_ids as "personIds" from access_log where correlation_id = $1`,
    [correlationId],
  );
  return rows;
}
