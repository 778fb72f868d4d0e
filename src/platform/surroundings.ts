import { AsyncLocalStorage } from 'node:async_hooks';

const surroundings = new AsyncLocalStorage<ReadonlyMap<object, unknown>>();

/**
 * A value that surrounds a piece of work with all that it waits for. Node.js hands each storage on to every promise that is
 * made, one by one, and that is a third of what a promise costs: so all surroundings share one.
 */
export class Surrounding<Value> {
  run<Result>(value: Value, work: () => Result): Result {
    return surroundings.run(new Map(surroundings.getStore()).set(this, value), work);
  }

  /** What surrounds the caller, if anything does. */
  find(): Value | undefined {
    return surroundings.getStore()?.get(this) as Value | undefined;
  }
}
