import { Global, Module } from '@nestjs/common';
import { Authenticator } from '../platform/permit.guard.js';
import { InvitationsService } from './invitations.service.js';
import { KeysService } from './keys.service.js';
import { MembersController } from './members.controller.js';
import { MembersService } from './members.service.js';
import { OrganisationsController } from './organisations.controller.js';
import { OrganisationsService } from './organisations.service.js';

@Global()
@Module({
  controllers: [OrganisationsController, MembersController],
  providers: [
    KeysService,
    OrganisationsService,
    InvitationsService,
    MembersService,
    { provide: Authenticator, useExisting: KeysService },
  ],
  exports: [OrganisationsService, InvitationsService, MembersService, KeysService, Authenticator],
})
export class OrganisationsModule {}
