import { Module } from '@nestjs/common';
import { InsightsModule } from '../../insights/index.js';
import { AboutPages } from './about.pages.js';
import { AccountPages } from './account.pages.js';
import { HomePages } from './home.pages.js';
import { JoinPages } from './join.pages.js';
import { SandboxPages } from './sandbox.pages.js';
import { SessionPages } from './session.pages.js';
import { SignInPages } from './sign-in.pages.js';

@Module({
  imports: [InsightsModule],
  controllers: [SandboxPages, SignInPages, SessionPages, JoinPages, AccountPages, AboutPages, HomePages],
})
export class EntryPagesModule {}
