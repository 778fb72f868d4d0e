import { Module } from '@nestjs/common';
import { DeliveryPagesModule } from './delivery/delivery.module.js';
import { EntryPagesModule } from './entry/entry.module.js';
import { PageModule } from './page/page.module.js';

@Module({ imports: [DeliveryPagesModule, EntryPagesModule, PageModule] })
export class PortalModule {}
