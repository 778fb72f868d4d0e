import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import type { Role } from '../../src/platform/actor.js';
import { PAGE, type PageSpec } from '../../src/portal/page/page-spec.rules.js';
import type { TestApp } from './app.js';

/** A page or an action of the portal, as its handler declares it. */
export interface PageRoute {
  /** Such as `GET /batches/:id`. */
  name: string;
  method: 'GET' | 'POST';
  pattern: string;
  spec: PageSpec;
}

/** Every page of the running application, so that a new one needs no line in a test. */
export function pagesOf(app: TestApp): PageRoute[] {
  const found: PageRoute[] = [];
  for (const module of app.nest.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const prototype = metatype?.prototype as Record<string, object> | undefined;
      if (!metatype || !prototype) continue;
      const bases = [Reflect.getMetadata(PATH_METADATA, metatype) as string | string[]].flat();
      for (const name of Object.getOwnPropertyNames(prototype)) {
        const handler = prototype[name];
        if (typeof handler !== 'function' || !Reflect.hasMetadata(PAGE, handler)) continue;
        const spec = Reflect.getMetadata(PAGE, handler) as PageSpec;
        const method = Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.POST ? 'POST' : 'GET';
        const owns = [Reflect.getMetadata(PATH_METADATA, handler) as string | string[]].flat();
        for (const base of bases) for (const own of owns) found.push(routeOf(method, base, own, spec));
      }
    }
  }
  return found.filter(({ pattern }) => !pattern.includes('*'));
}

function routeOf(method: PageRoute['method'], base: string, own: string, spec: PageSpec): PageRoute {
  const pattern = `/${base}/${own}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  return { name: `${method} ${pattern}`, method, pattern, spec };
}

/** Whether the page is for somebody with a role at an organisation of a kind. */
export function permitsRole(
  { permit }: PageSpec,
  kind: 'commissioner' | 'provider' | 'referrer',
  roles: readonly Role[],
) {
  if (permit === 'operator') return false;
  if (typeof permit === 'string') return true;
  const needed = permit[kind];
  return needed === 'any' || (needed?.some((role) => roles.includes(role)) ?? false);
}
