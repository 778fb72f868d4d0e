const TICK_MS = 5000;
const ASKED_AT = 'wellpaid-asked-at';

/**
 * Warns before the session ends, and extends it without leaving the page. The element has `data-idle-seconds`,
 * `data-warn-seconds` (after so many seconds without a request), and two templates: `data-when="ending"` with a form
 * that extends, `data-when="ended"` with a link to sign in. Other tabs of the same browser say when they extended it.
 */
export function startSessionWarning(region) {
  const idleMs = Number(region.dataset.idleSeconds) * 1000;
  const warnMs = Number(region.dataset.warnSeconds) * 1000;
  let askedAt = Date.now();
  let shown = '';

  const show = (when) => {
    if (shown === when) return;
    shown = when;
    const template = region.querySelector(`template[data-when="${when}"]`);
    const place = region.querySelector('[role="alert"]');
    place.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
    region.hidden = !template;
    place.querySelector('form')?.addEventListener('submit', extend);
  };
  const renew = () => {
    askedAt = Date.now();
    show('');
  };
  const extend = async (event) => {
    event.preventDefault();
    const form = event.target;
    const returnTo = document.activeElement && form.contains(document.activeElement) ? lastFocus : undefined;
    const answer = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      redirect: 'manual',
    }).catch(() => undefined);
    if (!answer?.ok) {
      form.submit(); // the server says what is wrong
      return;
    }
    renew();
    returnTo?.focus();
    tellOtherTabs();
  };

  // Where the person was before the warning, to go back there.
  let lastFocus;
  document.addEventListener('focusin', ({ target }) => {
    if (!region.contains(target)) lastFocus = target;
  });
  // Timers stand still while a computer sleeps; the clock does not.
  const look = () => {
    const idle = Date.now() - askedAt;
    if (idle >= idleMs) show('ended');
    else if (idle >= warnMs) show('ending');
  };
  addEventListener('storage', ({ key }) => {
    if (key === ASKED_AT) renew();
  });
  tellOtherTabs(); // this page is itself a request
  document.addEventListener('visibilitychange', look);
  addEventListener('pageshow', look);
  setInterval(look, Math.min(TICK_MS, idleMs / 10));
}

/** Other tabs hear of what is stored; a browser may forbid it, and then each tab warns for itself. */
function tellOtherTabs() {
  try {
    localStorage.setItem(ASKED_AT, String(Date.now()));
  } catch {
    return;
  }
}
