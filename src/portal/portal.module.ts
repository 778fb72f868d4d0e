import { Module } from '@nestjs/common';
import { PageModule } from './page/page.module.js';

@Module({ imports: [PageModule] })
export class PortalModule {}
