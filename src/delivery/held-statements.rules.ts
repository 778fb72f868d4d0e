import type { Tx } from '../platform/database.js';

/** Where statements go that nobody waits for. */
export type Outlet = Pick<Tx, 'send'>;

/**
 * Statements that are put together and kept, until they are let go in their order. From then on what comes is sent at once.
 * What is read meanwhile does not wait for them to be done.
 */
export class HeldStatements implements Outlet {
  private held: Parameters<Outlet['send']>[] | undefined = [];

  constructor(private readonly outlet: Outlet) {}

  /** Nothing has been sent. */
  get areHeld(): boolean {
    return this.held !== undefined;
  }

  send(sql: string, parameters?: unknown[]): void {
    if (this.held) this.held.push([sql, parameters]);
    else this.outlet.send(sql, parameters);
  }

  letGo(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const statement of held) this.outlet.send(...statement);
  }
}
