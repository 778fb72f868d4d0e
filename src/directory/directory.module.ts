import { Module } from '@nestjs/common';
import { DirectoryController } from './directory.controller.js';
import { DirectoryService } from './directory.service.js';
import { ListingsController } from './listings.controller.js';
import { ListingsService } from './listings.service.js';

@Module({
  controllers: [DirectoryController, ListingsController],
  providers: [DirectoryService, ListingsService],
  exports: [DirectoryService, ListingsService],
})
export class DirectoryModule {}
