import { Global, Module } from '@nestjs/common';
import { Authenticator } from '../platform/permit.guard.js';
import { KeysService } from './keys.service.js';
import { OrganisationsController } from './organisations.controller.js';
import { OrganisationsService } from './organisations.service.js';

@Global()
@Module({
  controllers: [OrganisationsController],
  providers: [KeysService, OrganisationsService, { provide: Authenticator, useExisting: KeysService }],
  exports: [OrganisationsService, KeysService, Authenticator],
})
export class OrganisationsModule {}
