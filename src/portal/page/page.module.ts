import { Global, Module } from '@nestjs/common';
import { SignInModule } from '../../sign-in/index.js';
import { MissingPages } from './missing.pages.js';
import { EventStreams } from './event-streams.service.js';
import { Renderer } from './renderer.service.js';
import { VisitsService } from './visits.service.js';

/** What every page is made with. */
@Global()
@Module({
  imports: [SignInModule],
  controllers: [MissingPages],
  providers: [Renderer, VisitsService, EventStreams],
  exports: [Renderer, VisitsService, EventStreams],
})
export class PageModule {}
