import { matchHeader, openRow } from '../platform/csv-template.rules.js';
import { outsidePaymentColumns, readOutsidePayment } from './outside-payment-file.rules.js';

const { header } = matchHeader(outsidePaymentColumns, ['Our reference', 'BACS reference', 'Payment date']);

function read(...cells: string[]) {
  const row = openRow(outsidePaymentColumns, header, cells);
  const payment = readOutsidePayment(row, '2026-11-12');
  return payment ?? row.problems.map(({ column, code }) => `${column}: ${code}`);
}

describe('a file of payments by accounts payable', () => {
  it('is read under the headings that accounts packages print', () => {
    expect(read('NELICB-P000012', 'BACS 004512', '11/11/2026')).toEqual({
      payout: 'NELICB-P000012',
      reference: 'BACS 004512',
      paidOn: '2026-11-11',
    });
  });

  it.each([
    [['', 'BACS 1', '11/11/2026'], ['payout reference: missing_value']],
    [['P-1', '', '11/11/2026'], ['payment reference: missing_value']],
    [['P-1', 'BACS 1', '13/11/2026'], ['paid on: date_too_late']],
    [['P-1', 'BACS 1', 'Thursday'], ['paid on: invalid_date']],
    [
      ['P-1', '943 476 5919', ''],
      ['payment reference: nhs_number_in_reference', 'paid on: missing_value'],
    ],
  ])('%j gives %j', (cells, problems) => {
    expect(read(...cells)).toEqual(problems);
  });
});
