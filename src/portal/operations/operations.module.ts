import { Module } from '@nestjs/common';
import { NoticesModule } from '../../notices/index.js';
import { OperationPages } from './operations.pages.js';
import { OutboxPages } from './outbox.pages.js';

/** For whoever runs the instance, and the outbox of a sandbox. */
@Module({ imports: [NoticesModule], controllers: [OperationPages, OutboxPages] })
export class OperationsPagesModule {}
