/**
 * Select all, with the count and the amount of the rows that are selected. Below the element: `[data-select-all]` (in a
 * hidden wrapper that scripts show), row boxes with `data-amount-minor`, and `[data-selected-count]`, `[data-selected-amount]`.
 */
export function startSelection(element) {
  const rows = [...element.querySelectorAll('input[type="checkbox"][data-amount-minor]')];
  const all = element.querySelector('[data-select-all]');
  const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });

  const count = () => {
    const selected = rows.filter((row) => row.checked);
    const minor = selected.reduce((sum, row) => sum + BigInt(row.dataset.amountMinor), 0n);
    if (all) {
      all.checked = selected.length === rows.length && rows.length > 0;
      all.indeterminate = selected.length > 0 && selected.length < rows.length;
    }
    say('[data-selected-count]', String(selected.length));
    say('[data-selected-amount]', pounds.format(inPounds(minor)));
  };
  const say = (selector, text) => {
    for (const place of element.querySelectorAll(selector)) place.textContent = text;
  };

  for (const hidden of element.querySelectorAll('[data-with-scripts]')) hidden.hidden = false;
  element.addEventListener('change', ({ target }) => {
    if (target === all) for (const row of rows) row.checked = all.checked;
    count();
  });
  addEventListener('pageshow', count); // the browser may have kept what was selected
  count();
}

/** Pence as a decimal text, which Intl formats without a float. */
function inPounds(minor) {
  const digits = String(minor < 0n ? -minor : minor).padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
