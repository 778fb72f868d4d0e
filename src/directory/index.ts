export { DirectoryModule } from './directory.module.js';
export { DirectoryService, type DirectoryOwner, type DirectoryPage } from './directory.service.js';
export { DirectoryBrowser } from './directory-browser.service.js';
export { ServiceEntries } from './service-entries.service.js';
export { type ServiceEntry } from './service-entries.queries.js';
export { ListingsService, type ShownListing } from './listings.service.js';
export { type ListingFilter } from './listings.queries.js';
export {
  COSTS,
  DAYS,
  PLACES,
  type Listing,
  type ListingContent,
  type Venue,
  type WeeklyTime,
} from './listing.rules.js';
export { district, WriteListing } from './listings.schemas.js';
export { listingHoldsEmail, listingHoldsNhsNumber, listingNotWritten } from './directory.errors.js';
