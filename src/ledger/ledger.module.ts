import { Global, Module } from '@nestjs/common';
import { Commands } from './command.service.js';
import { LedgerService } from './ledger.service.js';

/** Global, because nearly every command of every module ends in the journal. */
@Global()
@Module({ providers: [LedgerService, Commands], exports: [LedgerService, Commands] })
export class LedgerModule {}
