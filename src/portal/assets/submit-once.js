/**
 * Sends a form once, however often its button is pressed: the server would answer the second from the first, but two
 * answers to one question confuse people. `data-repeatable` lets a form that downloads a file be sent again.
 */
export function guardForm(form) {
  if ('repeatable' in form.dataset) return;
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    // Not disabled: the button would lose the focus, and its value would not be sent.
    event.submitter?.setAttribute('aria-disabled', 'true');
  });
  // A page that comes back from the browser's history can be sent again.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    sent = false;
    for (const button of form.querySelectorAll('[aria-disabled="true"]')) button.removeAttribute('aria-disabled');
  });
}
