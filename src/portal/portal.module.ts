import { Module } from '@nestjs/common';
import { EntryPagesModule } from './entry/entry.module.js';
import { PageModule } from './page/page.module.js';

@Module({ imports: [EntryPagesModule, PageModule] })
export class PortalModule {}
