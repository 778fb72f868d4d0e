import { Controller, Get } from '@nestjs/common';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { Page } from '../page/page.js';

/** What this service is, how to get help with it, and what it does about access and privacy. */
@Controller()
export class AboutPages {
  @Get('help')
  @Page({ permit: 'public' })
  help(): PageAnswer {
    return view('entry/help.njk', { sections: ['start', 'people', 'money', 'wrong'] });
  }

  @Get('accessibility')
  @Page({ permit: 'public' })
  accessibility(): PageAnswer {
    return view('entry/accessibility.njk', { sections: ['how', 'limits', 'report', 'law'] });
  }

  @Get('privacy')
  @Page({ permit: 'public' })
  privacy(): PageAnswer {
    return view('entry/privacy.njk', { sections: ['what', 'cookies', 'staff', 'journal'] });
  }
}
