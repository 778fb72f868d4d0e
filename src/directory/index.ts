export { DirectoryModule } from './directory.module.js';
export { DirectoryService, type DirectoryOwner, type DirectoryPage } from './directory.service.js';
export { ListingsService, type ShownListing } from './listings.service.js';
export { type ListingFilter } from './listings.queries.js';
export { type Listing, type ListingContent, type Venue, type WeeklyTime } from './listing.rules.js';
export { WriteListing } from './listings.schemas.js';
export { listingHoldsEmail, listingHoldsNhsNumber, listingNotWritten } from './directory.errors.js';
