import { Controller, Get, Query } from '@nestjs/common';
import { NoticesService } from '../../notices/index.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { Page } from '../page/page.js';
import { stateOf } from './operations.pages.js';
import { PageAddress } from './operations.schemas.js';

const PAGE_ROWS = 20;

/** The mails of a sandbox, which go nowhere: anybody may read them, because anybody may be anybody there. */
@Controller('outbox')
export class OutboxPages {
  constructor(private readonly notices: NoticesService) {}

  @Page({ permit: 'public' })
  @Get()
  async list(@Query({ schema: PageAddress }) { after }: PageAddress): Promise<PageAnswer> {
    const { items, next } = await this.notices.listOutbox({ limit: PAGE_ROWS, after });
    return view('operations/outbox.njk', {
      mails: items.map((mail) => ({ ...mail, state: stateOf(mail), ...parts(mail) })),
      first: after === undefined ? undefined : '/outbox',
      next: next === null ? undefined : `/outbox?after=${next}`,
    });
  }
}

/** A mail as paragraphs, with its link as a path of this sandbox, wherever it is reached. */
function parts({ text, link }: { readonly text: string; readonly link: string }) {
  const { pathname, search } = new URL(link);
  return { paragraphs: text.trim().split('\n\n'), path: `${pathname}${search}`, isUsable: !link.includes('…') };
}
