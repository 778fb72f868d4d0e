import { Module, type OnModuleInit } from '@nestjs/common';
import { registerInvariant } from '../ledger/index.js';
import { ReferralsModule } from '../referrals/index.js';
import { AccessLogController } from './access-log.controller.js';
import { AccessRegister } from './access-register.service.js';
import { ErasureService } from './erasure.service.js';
import { PERSON_INVARIANTS } from './person-state.queries.js';
import { PersonsController } from './persons.controller.js';
import { PersonsService } from './persons.service.js';
import { TextsController } from './texts.controller.js';
import { TextsService } from './texts.service.js';

@Module({
  imports: [ReferralsModule],
  controllers: [PersonsController, TextsController, AccessLogController],
  providers: [PersonsService, ErasureService, TextsService, AccessRegister],
  exports: [PersonsService, ErasureService, TextsService, AccessRegister],
})
export class PrivacyModule implements OnModuleInit {
  onModuleInit(): void {
    for (const invariant of PERSON_INVARIANTS) registerInvariant(invariant);
  }
}
