import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { errorCatalogue, notFound, STATUS_OF_KIND } from './errors.js';
import { Heading, Operation } from './operation.js';

const Explanation = z
  .object({ code: z.string(), status: z.int(), title: z.string(), fix: z.string() })
  .meta({ id: 'ProblemExplanation' });
const CodeParameter = z.strictObject({ code: z.string().max(80) });

/** Where the `type` of a problem document leads (RFC 9457 section 3.1.1). */
@Heading('Problems')
@Controller('problems')
export class ProblemsController {
  @Get(':code')
  @Operation({
    summary: 'What an error code means and what to do about it',
    permit: 'public',
    answer: Explanation,
    errors: [notFound],
  })
  explain(@Param({ schema: CodeParameter }) { code }: z.infer<typeof CodeParameter>): z.infer<typeof Explanation> {
    const known = errorCatalogue().find((one) => one.code === code);
    if (!known) throw notFound();
    return { code, status: STATUS_OF_KIND[known.kind], title: known.title, fix: known.fix };
  }
}
