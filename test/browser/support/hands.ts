import type { Locator, Page } from 'playwright-core';

type Name = string | RegExp;

/** What people do on a page, whatever they do it with. Everything is found by its role and its name. */
export interface Hands {
  readonly page: Page;
  follow(name: Name): Promise<void>;
  press(name: Name): Promise<void>;
  /** Writes into a field, in place of what is there; `group` is the question that it belongs to. */
  write(label: string, text: string, group?: string): Promise<void>;
  tick(name: Name): Promise<void>;
  /** Answers a question that has several answers. */
  choose(group: string, answer: string): Promise<void>;
}

/** Somebody with a mouse. */
export class Mouse implements Hands {
  constructor(readonly page: Page) {}

  follow(name: Name): Promise<void> {
    return linkOf(this.page, name).click();
  }

  press(name: Name): Promise<void> {
    return buttonOf(this.page, name).click();
  }

  write(label: string, text: string, group?: string): Promise<void> {
    return fieldOf(this.page, label, group).fill(text);
  }

  tick(name: Name): Promise<void> {
    return boxOf(this.page, name).check();
  }

  choose(group: string, answer: string): Promise<void> {
    return answersOf(this.page, group)
      .and(this.page.getByRole('radio', { name: answer, exact: true }))
      .check();
  }
}

/** As many stops as a page has at the most, twice: once to its end, and once from its top. */
const STOPS_MAX = 400;

/**
 * Somebody who has only a keyboard: Tab goes from one control to the next, Enter follows a link or presses a button, the
 * space bar ticks, arrows go through the answers of a question, and what is typed goes to wherever the focus is.
 */
export class Keyboard implements Hands {
  /** How often Tab was pressed. */
  stops = 0;

  constructor(readonly page: Page) {}

  async follow(name: Name): Promise<void> {
    await this.reach(linkOf(this.page, name), `the link ${name}`);
    await this.enter();
  }

  async press(name: Name): Promise<void> {
    await this.reach(buttonOf(this.page, name), `the button ${name}`);
    await this.enter();
  }

  async write(label: string, text: string, group?: string): Promise<void> {
    await this.reach(fieldOf(this.page, label, group), `the field ${label}`);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  async tick(name: Name): Promise<void> {
    const box = boxOf(this.page, name);
    await this.reach(box, `the box ${name}`);
    if (!(await box.isChecked())) await this.page.keyboard.press('Space');
    expect(await box.isChecked()).toBe(true);
  }

  /** A question is one stop: the answers are gone through by arrows, which choose as they go. */
  async choose(group: string, answer: string): Promise<void> {
    const answers = answersOf(this.page, group);
    const wanted = answers.and(this.page.getByRole('radio', { name: answer, exact: true }));
    await this.reach(answers, `the question ${group}`);
    const count = await answers.count();
    for (let presses = 0; presses < count && !(await isFocused(wanted)); presses += 1) {
      await this.page.keyboard.press('ArrowDown');
    }
    if (!(await wanted.isChecked())) await this.page.keyboard.press('Space');
    expect(await wanted.isChecked()).toBe(true);
  }

  /** Tabs on until one of the controls has the focus, as far as the page goes and once more from its top. */
  private async reach(controls: Locator, what: string): Promise<void> {
    await controls.first().waitFor();
    for (let stops = 0; stops < STOPS_MAX; stops += 1) {
      if (await isFocused(controls)) return;
      await this.page.keyboard.press('Tab');
      this.stops += 1;
    }
    throw new Error(`Tab does not come to ${what} of ${this.page.url()}`);
  }

  private enter(): Promise<void> {
    return this.page.locator(':focus').press('Enter');
  }
}

async function isFocused(controls: Locator): Promise<boolean> {
  return (await controls.and(controls.page().locator(':focus')).count()) > 0;
}

function linkOf(page: Page, name: Name): Locator {
  return page.getByRole('link', { name }).first();
}

function buttonOf(page: Page, name: Name): Locator {
  return page.getByRole('button', { name }).first();
}

function fieldOf(page: Page, label: string, group?: string): Locator {
  const scope = group === undefined ? page : page.getByRole('group', { name: group });
  return scope.getByRole('textbox', { name: label }).first();
}

function boxOf(page: Page, name: Name): Locator {
  return page.getByRole('checkbox', { name }).first();
}

function answersOf(page: Page, group: string): Locator {
  return page.getByRole('group', { name: group, exact: true }).getByRole('radio');
}
