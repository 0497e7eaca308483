import type { Handlers, Resources } from '@parley/backend-common';
import type { OperationName, Operations } from '@parley/common/contract';

import type { MessagingContext } from './transport/server/context.ts';

/** A feature as the app sees it: operation handlers, and what runs while the node is up. */
export interface Module<Name extends OperationName = never> {
  readonly name: string;
  readonly handlers: Pick<Handlers<Operations, MessagingContext>, Name>;
  start?(): Promise<void> | void;
  /** Waits for work in progress. Also called if `start` was not called or failed. */
  stop?(): Promise<void> | void;
}

/** Starts modules one after the other. What stops them is deferred, so that they stop in reverse. */
export async function startModules(
  modules: readonly Pick<Module, 'name' | 'start' | 'stop'>[],
  resources: Resources,
): Promise<void> {
  for (const module of modules) {
    resources.defer(module.name, () => module.stop?.());
    await module.start?.();
  }
}
