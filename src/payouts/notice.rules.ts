/** What a notice of the rail is a reason to read, by its type. */
export function aboutOf(type: string): 'funds' | 'transfer' | 'bank_payout' | 'account' | 'nothing' {
  if (type.startsWith('topup.')) return 'funds';
  if (type.startsWith('transfer.')) return 'transfer';
  if (type.startsWith('payout.')) return 'bank_payout';
  if (type.startsWith('v2.core.account')) return 'account';
  return 'nothing';
}
