/**
 * Adds and removes rows of a list without asking the server. The element holds `[data-items]` with one `[data-item]`
 * each, a `<template>` of an empty one where `__index__` stands for its number, and the submit buttons `[data-add]` and
 * `[data-remove]`, which do the same on the server when there are no scripts. Numbers of removed rows stay unused.
 */
export function startAddAnother(element) {
  const list = element.querySelector('[data-items]');
  const template = element.querySelector('template');
  const max = Number(element.dataset.max ?? Infinity);
  const add = element.querySelector('[data-add]');
  let next = Number(element.dataset.next);

  const settle = () => {
    const items = [...list.querySelectorAll('[data-item]')];
    add.hidden = items.length >= max;
    for (const [index, item] of items.entries()) {
      for (const place of item.querySelectorAll('[data-position]')) place.textContent = String(index + 1);
      for (const button of item.querySelectorAll('[data-remove]')) button.hidden = items.length === 1;
    }
  };

  add.addEventListener('click', (event) => {
    event.preventDefault();
    list.insertAdjacentHTML('beforeend', template.innerHTML.replaceAll('__index__', String(next)));
    next += 1;
    settle();
    list.lastElementChild.querySelector('input:not([type="hidden"]), select, textarea')?.focus();
  });
  list.addEventListener('click', (event) => {
    const button = event.target.closest('[data-remove]');
    if (!button) return;
    event.preventDefault();
    button.closest('[data-item]').remove();
    settle();
    add.focus();
  });
  settle();
}
