import { Injectable, RequestMethod, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { whyNotPermitted } from '../../platform/permit.guard.js';
import { PAGE, type PageSpec } from '../page/page-spec.rules.js';
import type { Visit } from '../page/visit.rules.js';

/** Which pages of the portal a visitor may open, as the pages themselves declare it: a link never leads to a refusal. */
@Injectable()
export class OpenPages implements OnModuleInit {
  private readonly specs = new Map<string, PageSpec>();

  constructor(private readonly modules: ModulesContainer) {}

  onModuleInit(): void {
    for (const { controllers } of this.modules.values()) {
      for (const { metatype } of controllers.values()) if (metatype) this.learn(metatype);
    }
  }

  /** Whether the visitor may look at a page, by its pattern such as `/claims/:id`. A page that is not there is nobody's. */
  may(visit: Pick<Visit, 'membership' | 'actor'>, pattern: string): boolean {
    const permit = this.specs.get(pattern)?.permit;
    if (permit === undefined || visit.membership === null) return false;
    return typeof permit === 'object' ? whyNotPermitted(permit, visit.actor) === undefined : permit !== 'operator';
  }

  private learn(controller: { readonly prototype?: unknown }): void {
    const prototype = (controller.prototype ?? {}) as Record<string, unknown>;
    const bases = pathsOf(controller);
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const handler = prototype[name];
      if (typeof handler !== 'function') continue;
      const spec = Reflect.getMetadata(PAGE, handler) as PageSpec | undefined;
      if (!spec || Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.GET) continue;
      for (const base of bases) for (const own of pathsOf(handler)) this.specs.set(patternOf(base, own), spec);
    }
  }
}

function pathsOf(target: object): string[] {
  return [(Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined) ?? ''].flat();
}

function patternOf(base: string, own: string): string {
  const pattern = `/${base}/${own}`.replace(/\/+/g, '/');
  return pattern.length > 1 && pattern.endsWith('/') ? pattern.slice(0, -1) : pattern;
}
