import { StandardSchemaValidationPipe } from '@nestjs/common';
import { invalidRequest } from './errors.js';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[];
}

/** Validates bodies, queries and parameters against their Zod schemas: each problem with its place, never its value. */
export function validation(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    transform: true,
    exceptionFactory: (issues: readonly Issue[]) => {
      const errors = issues.map((issue) => ({ path: pathOf(issue), message: issue.message }));
      const first = errors[0];
      const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
      return invalidRequest({ errors }, `The request does not have the right shape. ${where}${first?.message ?? ''}`);
    },
  });
}

function pathOf(issue: Issue): string {
  return (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
