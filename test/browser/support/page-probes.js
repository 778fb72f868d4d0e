// Runs in the page, put there by chromium.ts; `probes` answers with what can be told as JSON.
globalThis.probes = (() => {
  const nameOf = (element) => {
    const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40);
    return `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}${text ? ` “${text}”` : ''}`;
  };

  const ringOf = (element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    const outline = style.outlineStyle === 'none' || style.outlineColor.endsWith(', 0)') ? '' : style.outline;
    return [outline, style.boxShadow, style.backgroundColor, style.border].join('|');
  };
  // A control may show its focus on what is drawn around or beside it.
  const looksOf = (element) =>
    [element, element.nextElementSibling, element.parentElement]
      .filter(Boolean)
      .flatMap((place) => [undefined, '::before', '::after'].map((pseudo) => ringOf(place, pseudo)))
      .join('\n');

  const isReached = (element, x, y) => {
    const top = document.elementFromPoint(x, y);
    return top !== null && (element.contains(top) || top.closest('label')?.control === element);
  };
  const isObscured = (element) =>
    ![...element.getClientRects()].some(({ left, top, width, height }) =>
      [0.5, 0.1, 0.9].some((part) => isReached(element, left + width * part, top + height * part)),
    );

  return {
    /** How many pixels the page is wider than its window. */
    overflow: () => document.documentElement.scrollWidth - window.innerWidth,

    /** Lets the next Tab go to the first stop of the page, whatever has the focus now. */
    toTop() {
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute('tabindex');
    },

    /** What is wrong with how the focus shows; null when nothing has it. */
    focus() {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const focused = looksOf(element);
      const obscured = isObscured(element);
      element.blur();
      const plain = looksOf(element);
      element.focus({ preventScroll: true, focusVisible: true });
      const faults = [focused === plain && 'shows no focus', obscured && 'is hidden behind something'].filter(Boolean);
      return { name: nameOf(element), faults };
    },

    async axe(rules) {
      const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
      const { violations } = await globalThis.axe.run(document, { runOnly, rules, resultTypes: ['violations'] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
    },
  };
})();
