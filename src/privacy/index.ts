export { PrivacyModule } from './privacy.module.js';

/** For screens and commands: the same services that the API uses. */
export { PersonsService, type KnownPerson, type PersonInFull, type PersonSearch } from './persons.service.js';
export { ErasureService } from './erasure.service.js';
export { TextsService } from './texts.service.js';
export { type WrittenText } from './texts.queries.js';
export { TextQuery } from './texts.schemas.js';
export { AccessRegister, type AccessPage } from './access-register.service.js';
export { type AccessEntry, type AccessFilter } from './access-log.queries.js';
export {
  ERASURE_ASKERS,
  ERASURE_GROUNDS,
  HOLD_REASONS,
  REMAINING,
  type ErasureRequest,
  type Remaining,
} from './erasure.rules.js';
export { ErasePerson } from './persons.schemas.js';
