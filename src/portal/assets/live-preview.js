const PAUSE_MS = 400;

/**
 * Shows what the form would come to while it is filled in: posts its fields to `data-src` a moment after each change,
 * and puts the fragment of HTML that the server answers into `[data-preview]`. The button that asks for the same
 * without scripts stays; an answer that fails leaves the last one. What was filled in before this began, or kept by the
 * browser, counts as a change: the page came without it.
 */
export function startPreview(form) {
  const place = form.querySelector('[data-preview]');
  let timer;
  let asked;

  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.src, {
        method: 'POST',
        body: new URLSearchParams(new FormData(form)),
        headers: { accept: 'text/html' },
        redirect: 'error',
        signal: asked.signal,
      });
      // 422 is an answer too: it says what is still missing.
      if (answer.ok || answer.status === 422) place.innerHTML = await answer.text();
    } catch (error) {
      if (error.name !== 'AbortError') console.error(error);
    }
  };

  const askSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE_MS);
  };

  form.addEventListener('input', askSoon);
  const askIfChanged = () => [...form.elements].some(isChanged) && askSoon();
  addEventListener('pageshow', askIfChanged);
  askIfChanged();
}

/** Whether a field has something else than it came with. */
function isChanged(field) {
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  if (field.options) {
    const given = [...field.options].findIndex(({ defaultSelected }) => defaultSelected);
    return field.selectedIndex !== Math.max(given, 0);
  }
  return 'defaultValue' in field && field.value !== field.defaultValue;
}
