/** Every type of event that a journal can hold, for people to choose from; each has its words in `events.json`. */
export const EVENT_TYPES = `
advance.approved advance.cancelled advance.declined advance.proposed advance.recovered advance.withdrawn
attendance.recorded batch.approved batch.rejected batch.submitted claim.answered claim.disputed claim.flagged
claim.month_completed claim.nil_declared claim.queried claim.reinstated claim.rejected claim.submitted claim.upheld
claim.withdrawn claim_file.cancelled claim_file.received claim_file.refused command.refused contract.authorised credit_note.issued
funds.received funds.returned invoice.drafted invoice.issue_authorised invoice.issued invoice.own_number_given invitation.made
invitation.revoked key.issued key.revoked member.disabled member.enabled member.joined member.limit_changed
member.roles_changed milestone.recorded organisation.registered
payment_run.cancelled payment_run.finished payment_run.made payout.answer_lost payout.cancelled payout.decided
payout.deferred payout.failed payout.forwarded payout.paid payout.payment_entered payout.refused payout.requested
payout.retried payout.return_requested payout.returned payout.sent payout_account.activated
payout_account.change_applied payout_account.change_cancelled payout_account.change_confirmed
payout_account.change_proposed payout_account.linked payout_account.opened payout_account.restricted payout_account.update_link_given
period.closed person.erased person.hold_lifted person.hold_placed purchase_order.raised rate_card.published reconciliation.signed_off referral.accepted referral.closed
referral.confirmed referral.declined referral.made remittance.issued self_billing.accepted self_billing.proposed
service.added service.described service.listed service.unlisted session.recorded statement.exported text.redacted vat_registration.ended
vat_registration.recorded vat_treatment.set`
  .trim()
  .split(/\s+/);
