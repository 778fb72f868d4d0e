import { invalid } from './failures.js';
import type { Params } from './forms.js';

interface PageParams {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
  created?: number | { gt?: number; gte?: number; lt?: number; lte?: number };
}

interface Listed {
  id: string;
  createdAt: number;
}

/**
 * A page of a list of version 1: newest first, 10 to a page unless asked for up to 100, continued by `starting_after`
 * (older) or `ending_before` (newer).
 */
export function page<T extends Listed>(all: readonly T[], asked: Params, url: string, show: (item: T) => unknown) {
  const params = asked as PageParams;
  const limit = params.limit ?? 10;
  if (limit < 1 || limit > 100) throw invalid('parameter_invalid_integer', 'Invalid limit', 'limit');
  const items = [...all].reverse().filter((item) => inWindow(item.createdAt, params.created));
  const before = params.ending_before;
  const end = before ? indexOf(items, before) : items.length;
  const start = params.starting_after
    ? indexOf(items, params.starting_after) + 1
    : before
      ? Math.max(0, end - limit)
      : 0;
  const shown = items.slice(start, Math.min(end, start + limit));
  const hasMore = before ? start > 0 : start + shown.length < items.length;
  return { object: 'list' as const, url, has_more: hasMore, data: shown.map(show) };
}

function indexOf(items: readonly Listed[], id: string): number {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) throw invalid('resource_missing', `No such object: '${id}'`);
  return index;
}

function inWindow(createdAt: number, window: PageParams['created']): boolean {
  if (window === undefined) return true;
  if (typeof window === 'number') return createdAt === window;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = window;
  return createdAt > gt && createdAt >= gte && createdAt < lt && createdAt <= lte;
}
