import { Module } from '@nestjs/common';
import { NoticesModule } from '../../notices/index.js';
import { PrivacyModule } from '../../privacy/index.js';
import { SignInModule } from '../../sign-in/index.js';
import { InvitingPages } from './inviting.pages.js';
import { KeyPages } from './keys.pages.js';
import { MemberPages } from './members.pages.js';
import { MessagePages } from './messages.pages.js';
import { PeoplePages } from './people.pages.js';
import { PersonErasurePages } from './person-erasure.pages.js';
import { PersonPages } from './persons.pages.js';
import { TermPages } from './terms.pages.js';
import { TextPages } from './texts.pages.js';

/** What admins look after: people and their rights, keys of programs, and what things are called. */
@Module({
  imports: [NoticesModule, PrivacyModule, SignInModule],
  // Paths with a word in the place of an id come first.
  controllers: [
    InvitingPages,
    PeoplePages,
    MemberPages,
    KeyPages,
    TermPages,
    MessagePages,
    PersonPages,
    PersonErasurePages,
    TextPages,
  ],
})
export class AdministrationPagesModule {}
