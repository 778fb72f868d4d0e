import { Module } from '@nestjs/common';
import { DirectoryModule } from '../../directory/index.js';
import { ReferralsModule } from '../../referrals/index.js';
import { ListingPages } from './listings.pages.js';
import { ServicePages } from './services.pages.js';

/** What services there are, and what is said about each. */
@Module({ imports: [DirectoryModule, ReferralsModule], controllers: [ServicePages, ListingPages] })
export class DirectoryPagesModule {}
