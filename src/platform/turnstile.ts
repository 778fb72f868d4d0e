import { HttpException } from '@nestjs/common';

const TOO_MANY = 429;

/**
 * Lets in so many at once and lets so many wait; turns others away. What anybody may ask shares the connections of those
 * who work here, and must not take them all.
 */
export class Turnstile {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly waitingMax: number,
  ) {}

  /** @throws HttpException 429 when too many wait already */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.inside -= 1;
    }
  }

  /** Whoever leaves hands over the place, so that nobody new comes in between. */
  private async enter(): Promise<void> {
    if (this.inside < this.atOnce) {
      this.inside += 1;
      return;
    }
    if (this.waiting.length >= this.waitingMax) throw new HttpException('Too many at once', TOO_MANY);
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
