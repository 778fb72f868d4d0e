import { Controller, Get } from '@nestjs/common';
import { notFound } from '../../platform/errors.js';
import { Page } from './page.js';

/** Every address that nothing else answers. */
@Controller()
export class MissingPages {
  @Get('*')
  @Page({ permit: 'public' })
  miss(): never {
    throw notFound();
  }
}
