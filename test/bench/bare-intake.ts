// node bare-intake.js DATABASE_URL : Nest on Fastify with one route that inserts one row, as its documentation shows it.
import 'reflect-metadata';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 });
await pool.query(`create table if not exists bare_claim (
  id uuid primary key default gen_random_uuid(), contract text not null, referral text not null, served_on date not null,
  outcome text not null, created_at timestamptz not null default now())`);

interface Sent {
  readonly contract: string;
  readonly date: string;
  readonly attendances: readonly { readonly referral: string; readonly outcome: string }[];
}

@Controller('v1/sessions')
class BareController {
  @Post()
  async record(@Body() { contract, date, attendances }: Sent): Promise<unknown> {
    const [one] = attendances;
    const { rows } = await pool.query<{ id: string }>(
      'insert into bare_claim (contract, referral, served_on, outcome) values ($1, $2, $3, $4) returning id',
      [contract, one?.referral, date, one?.outcome],
    );
    return rows[0];
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

const app = await NestFactory.create<NestFastifyApplication>(BareModule, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
console.log(`listens at ${await app.getUrl()}.`);
process.once('SIGINT', () => process.exit(0));
