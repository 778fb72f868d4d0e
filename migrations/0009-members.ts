/**
 * What looking after members and invitations needs. A provider may write into the journal of the commissioner that
 * registered it, as a referrer may already: what changes among its people is remembered from its first day on, not from
 * its first contract. An invitation is taken back by letting it expire.
 */
export const MEMBER_CHANGES = `
alter policy provider on ledger.event with check (
  provider_id = (select app.org()) and actor_org_id = (select app.org())
  and commissioner_id = any (array(select c.commissioner_id from contract c
                                   union select a.commissioner_id from self_billing_agreement a
                                   union select o.registered_by from organisation o where o.id = (select app.org()))));

grant update (expires_at) on invitation to wp_commissioner, wp_provider, wp_referrer;
`;
