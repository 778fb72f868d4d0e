/**
 * Follows work on the server: events named `progress` from `data-src`, each `{ value, max, text, done, counts }`, where
 * `text` is a sentence in the reader's language and `counts` fills `[data-count="paid"]` and the like. What is read out
 * is said at every quarter, not at every event. When all is done, `[data-when-done]` appears.
 */
export function startProgress(element) {
  const bar = element.querySelector('progress');
  const text = element.querySelector('[data-progress-text]');
  const spoken = element.querySelector('[role="status"]');
  const events = new EventSource(element.dataset.src);
  let quarter = -1;

  events.addEventListener('progress', ({ data }) => {
    const at = JSON.parse(data);
    bar.max = at.max;
    bar.value = at.value;
    text.textContent = at.text;
    for (const [name, count] of Object.entries(at.counts ?? {})) {
      for (const place of element.querySelectorAll(`[data-count="${CSS.escape(name)}"]`)) place.textContent = count;
    }
    const now = at.done ? 4 : Math.floor((at.value * 4) / Math.max(1, at.max));
    if (now !== quarter) spoken.textContent = at.text;
    quarter = now;
    if (!at.done) return;
    events.close();
    for (const place of element.querySelectorAll('[data-when-done]')) place.hidden = false;
    for (const place of element.querySelectorAll('[data-until-done]')) place.hidden = true;
  });
  // A page that is left must not keep the stream open in the browser's history.
  addEventListener('pagehide', () => events.close());
}
