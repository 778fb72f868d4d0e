import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { signInRefused } from './sign-in.errors.js';
import { canonicalPassword } from './password.rules.js';

/** Cost of scrypt (RFC 7914 section 2): N is a power of two. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}
export const SCRYPT_COST = Symbol('ScryptCost');

/** OWASP's first choice for scrypt: 128 MiB and about 0.4 s each. */
export const FULL_SCRYPT_COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MEBIBYTE = 2 ** 20;
const TOGETHER_MAX = 2;
const WAITING_MAX = 100;
const FORM = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/;

/**
 * Hashes of passwords, each with its cost. Two are made at a time, because each takes 128 MiB: more people who sign in wait,
 * and a flood of them is refused.
 */
@Injectable()
export class PasswordHashes {
  /** Of no password: what an account that does not exist is compared with, so that it takes as long. */
  private readonly nobody: string;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(@Inject(SCRYPT_COST) private readonly cost: ScryptCost) {
    this.nobody = textOf(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return textOf(this.cost, salt, await this.derive(password, salt, this.cost));
  }

  /** Whether it is the password of the hash; without a hash it never is, and that takes as long. */
  async matches(password: string, hash: string | null): Promise<boolean> {
    const [, N, r, p, salt, expected] = FORM.exec(hash ?? this.nobody) ?? [];
    if (salt === undefined || expected === undefined) throw new Error('A stored password hash is damaged');
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const derived = await this.derive(password, Buffer.from(salt, 'base64url'), cost);
    return timingSafeEqual(derived, Buffer.from(expected, 'base64url')) && hash !== null;
  }

  private async derive(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
    await this.takeTurn();
    try {
      return await new Promise((resolve, reject) => {
        const options = { ...cost, maxmem: 2 * 128 * cost.N * cost.r + MEBIBYTE };
        scrypt(canonicalPassword(password), salt, HASH_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      });
    } finally {
      this.endTurn();
    }
  }

  private async takeTurn(): Promise<void> {
    if (this.running < TOGETHER_MAX) {
      this.running += 1;
      return;
    }
    if (this.waiting.length >= WAITING_MAX) throw signInRefused();
    await new Promise<void>((resolve) => void this.waiting.push(resolve));
  }

  /** The turn goes to whoever waits longest. */
  private endTurn(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running -= 1;
  }
}

function textOf({ N, r, p }: ScryptCost, salt: Buffer, hash: Buffer): string {
  return `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}
