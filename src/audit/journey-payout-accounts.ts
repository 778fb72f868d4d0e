import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import { stateCode, stateName } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { NO_ROW, Rows } from './replay-rows.js';
import type { TapeReader } from './segment.js';

export const ACCOUNT_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'payout_account.opened': (said, _event, tape) => tape.put(said.text('state') === 'active' ? 1 : 0),
  'payout_account.change_proposed': (said, _event, tape) => tape.putId(said.id('payoutAccountId')),
  'payout_account.change_confirmed': (said, _event, tape) => tape.put(said.instant('appliesAt')),
};

/** The columns of an account, and of a change of where it leads. */
const STATE = 0;
const CHANGING = 1; // how many changes of it are open
const WAS_ACTIVE = 2;
const PROVIDER = 3; // two words
const ACCOUNT = 1;
const PROPOSER = 2; // two words
const APPLIES_AT = 4;

/** Accounts that are paid into, and who changed where they lead: two people, and not before the hold is over. */
export class PayoutAccounts implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'payout_account.opened': (tape) => {
      const isActive = tape.next();
      const { subject, provider } = this.reading.head;
      const state = this.stepAccount();
      if (state === undefined) return;
      const begun = isActive === 1 ? stateCode('payout account', 'active') : state;
      this.accounts.set(
        subject.high,
        subject.low,
        this.accountRows.add(begun, 0, isActive, provider.high, provider.low),
      );
    },
    'payout_account.activated': () => this.turn(),
    'payout_account.restricted': () => this.turn(),
    'payout_account.change_proposed': (tape) => this.propose(tape),
    'payout_account.change_confirmed': (tape) => this.confirm(tape),
    'payout_account.change_applied': () => this.apply(),
    'payout_account.change_cancelled': () => this.endChange(this.stepChange()),
  };

  private readonly key = new Key();
  private readonly accounts = new KeyMap('values');
  private readonly accountRows = new Rows(5);
  private readonly changes = new KeyMap('values');
  private readonly changeRows = new Rows(5);

  constructor(private readonly reading: Reading) {}

  /** Judges that a payout goes into this account: its provider's, ready once, and not while where it leads is changed. */
  judge(account: Key): void {
    const row = this.rowOf(this.accounts, account);
    const { provider } = this.reading.head;
    if (row === NO_ROW || this.accountRows.get(row, WAS_ACTIVE) === 0) {
      this.reading.tell('account_not_ready', 'The payout account that it names was never ready before.');
      return;
    }
    if (!provider.is(this.accountRows.get(row, PROVIDER), this.accountRows.get(row, PROVIDER + 1))) {
      this.reading.tell('other_provider', 'The payout account that it names is of another provider.');
    }
    if (this.isChanging(row)) this.reading.tell('account_changing', 'Where its payout account leads is being changed.');
  }

  /** Outside of the platform an account is not needed, but where it is known nobody is paid while it is changed. */
  judgeOutside(account: Key): void {
    const row = this.rowOf(this.accounts, account);
    if (row !== NO_ROW && this.isChanging(row)) {
      this.reading.tell('account_changing', 'Where its payout account leads is being changed.');
    }
  }

  private isChanging(row: number): boolean {
    return this.accountRows.get(row, CHANGING) > 0;
  }

  private stepAccount(): number | undefined {
    const row = this.rowOf(this.accounts, this.reading.head.subject);
    return this.reading.step('payout account', row === NO_ROW ? 0 : this.accountRows.get(row, STATE));
  }

  private turn(): void {
    const state = this.stepAccount();
    if (state === undefined) return;
    const row = this.rowOf(this.accounts, this.reading.head.subject);
    this.accountRows.set(row, STATE, state);
    if (stateName('payout account', state) === 'active') this.accountRows.set(row, WAS_ACTIVE, 1);
  }

  private propose(tape: TapeReader): void {
    const account = this.rowOf(this.accounts, this.key.read(tape));
    const { subject, member } = this.reading.head;
    const state = this.stepChange();
    if (account === NO_ROW)
      this.reading.tell('account_missing', 'The payout account that it names was not opened before.');
    if (state === undefined || account === NO_ROW) return;
    if (this.isChanging(account))
      this.reading.tell('second_change', 'Another change of the same payout account is open.');
    this.changes.set(subject.high, subject.low, this.changeRows.add(state, account, member.high, member.low));
    this.accountRows.addTo(account, CHANGING, 1);
  }

  private confirm(tape: TapeReader): void {
    const appliesAt = tape.next();
    const state = this.stepChange();
    if (state === undefined) return;
    const row = this.rowOf(this.changes, this.reading.head.subject);
    const { member } = this.reading.head;
    if (member.isNone || member.is(this.changeRows.get(row, PROPOSER), this.changeRows.get(row, PROPOSER + 1))) {
      this.reading.tell('same_person', 'It is confirmed by the person who proposed it, or by nobody.');
    }
    this.changeRows.set(row, STATE, state);
    this.changeRows.set(row, APPLIES_AT, appliesAt);
  }

  private apply(): void {
    const state = this.stepChange();
    if (state === undefined) return;
    const { subject, recordedAt } = this.reading.head;
    const appliesAt = this.changeRows.get(this.rowOf(this.changes, subject), APPLIES_AT);
    if (recordedAt < appliesAt) {
      this.reading.tell(
        'hold_not_over',
        `It is applied before ${new Date(appliesAt).toISOString()}, to which it was held.`,
      );
    }
    this.endChange(state);
  }

  private endChange(state: number | undefined): void {
    if (state === undefined) return;
    const row = this.rowOf(this.changes, this.reading.head.subject);
    this.changeRows.set(row, STATE, state);
    this.accountRows.addTo(this.changeRows.get(row, ACCOUNT), CHANGING, -1);
  }

  private stepChange(): number | undefined {
    const row = this.rowOf(this.changes, this.reading.head.subject);
    return this.reading.step('change of account', row === NO_ROW ? 0 : this.changeRows.get(row, STATE));
  }

  private rowOf(map: KeyMap, { high, low }: Key): number {
    return Math.max(map.get(high, low), NO_ROW);
  }
}
