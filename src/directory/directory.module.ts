import { Module, type OnModuleInit } from '@nestjs/common';
import { DirectoryBrowser } from './directory-browser.service.js';
import { DirectoryController } from './directory.controller.js';
import { DirectoryService } from './directory.service.js';
import { registerListingState } from './listing-state.queries.js';
import { ListingsController } from './listings.controller.js';
import { ListingsService } from './listings.service.js';
import { ServiceEntries } from './service-entries.service.js';

@Module({
  controllers: [DirectoryController, ListingsController],
  providers: [DirectoryService, DirectoryBrowser, ListingsService, ServiceEntries],
  exports: [DirectoryService, DirectoryBrowser, ListingsService, ServiceEntries],
})
export class DirectoryModule implements OnModuleInit {
  onModuleInit(): void {
    registerListingState();
  }
}
