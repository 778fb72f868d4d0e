import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Authenticator } from '../platform/permit.guard.js';
import { InvitationsService } from './invitations.service.js';
import { InvitingService } from './inviting.service.js';
import { KeysService } from './keys.service.js';
import { MembersController } from './members.controller.js';
import { MembersService } from './members.service.js';
import { registerOrganisationState } from './organisation-state.queries.js';
import { OrganisationRegister } from './organisation-register.service.js';
import { OrganisationsController } from './organisations.controller.js';
import { OrganisationsService } from './organisations.service.js';
import { ServiceKeysService } from './service-keys.service.js';

@Global()
@Module({
  controllers: [OrganisationsController, MembersController],
  providers: [
    KeysService,
    OrganisationsService,
    OrganisationRegister,
    InvitationsService,
    InvitingService,
    MembersService,
    ServiceKeysService,
    { provide: Authenticator, useExisting: KeysService },
  ],
  exports: [
    OrganisationsService,
    OrganisationRegister,
    InvitationsService,
    InvitingService,
    MembersService,
    KeysService,
    ServiceKeysService,
    Authenticator,
  ],
})
export class OrganisationsModule implements OnModuleInit {
  onModuleInit(): void {
    registerOrganisationState();
  }
}
