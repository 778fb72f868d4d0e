import { Module } from '@nestjs/common';
import { InsightsModule } from '../../insights/index.js';
import { HomePages } from './home.pages.js';
import { SandboxPages } from './sandbox.pages.js';
import { SessionPages } from './session.pages.js';
import { SignInPages } from './sign-in.pages.js';

@Module({ imports: [InsightsModule], controllers: [SandboxPages, SignInPages, SessionPages, HomePages] })
export class EntryPagesModule {}
