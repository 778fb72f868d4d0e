import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Commands } from './command.service.js';
import { registerLedgerTables } from './ledger-state.queries.js';
import { LedgerService } from './ledger.service.js';

/** Global, because nearly every command of every module ends in the journal. */
@Global()
@Module({ providers: [LedgerService, Commands], exports: [LedgerService, Commands] })
export class LedgerModule implements OnModuleInit {
  onModuleInit(): void {
    registerLedgerTables();
  }
}
