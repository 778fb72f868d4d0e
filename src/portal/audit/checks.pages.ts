import { Controller, Get, Post } from '@nestjs/common';
import { InvariantsService } from '../../assurance/index.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { Action, CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { wordCheckIn } from '../wording/check-words.rules.js';

const READERS = { commissioner: ['auditor', 'finance'] } as const;

/** Checks the books while somebody waits: everything that must be true of them, sentence by sentence. */
@Controller('checks')
export class CheckPages {
  constructor(private readonly invariants: InvariantsService) {}

  @Page({ permit: READERS })
  @Get()
  ask(): PageAnswer {
    return view('audit/checks.njk', { check: null });
  }

  /** Answers with the result itself: nothing is changed, so that sending it again only asks again. */
  @Action({ permit: READERS })
  @Post()
  async run(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const check = await this.invariants.check(visit.actor);
    const sentences = check.sentences.map((one) => ({
      ...one,
      said: wordCheckIn(visit.t, one),
      examples: one.examples.map((example) => JSON.stringify(example, plainly, 2)),
    }));
    const broken = sentences.filter(({ violations }) => violations > 0);
    const whole = sentences.filter(({ violations }) => violations === 0);
    return view('audit/checks.njk', { check: { ...check, sentences: [...broken, ...whole], broken: broken.length } });
  }
}

function plainly(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
