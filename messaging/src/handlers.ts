import type { Handlers } from '@parley/backend-common';
import type { OperationName, Operations } from '@parley/common/contract';

import type { MessagingContext } from './transport/server/context.ts';

/** What a module carries out. */
interface Handling {
  readonly name: string;
  readonly handlers: object;
}

type HandledBy<Module> = Module extends { readonly handlers: infer Handled }
  ? keyof Handled
  : never;

/** Satisfied by every list of modules that carry out all operations; else it names one that is missing. */
type Exhaustive<Modules extends readonly Handling[]> =
  Exclude<OperationName, HandledBy<Modules[number]>> extends never
    ? unknown
    : { readonly missingHandler: Exclude<OperationName, HandledBy<Modules[number]>> };

/**
 * The handlers of all modules. A list without a handler for each operation does not compile.
 * @throws Error when two modules carry out the same operation
 */
export function handlersOf<const Modules extends readonly Handling[]>(
  modules: Modules & Exhaustive<Modules>,
): Handlers<Operations, MessagingContext> {
  const all = new Map<string, unknown>();
  for (const { handlers, name } of modules) {
    for (const [operation, handler] of Object.entries(handlers)) {
      if (all.has(operation)) throw new Error(`${name} handles ${operation}, which another does`);
      all.set(operation, handler);
    }
  }
  return Object.fromEntries(all) as unknown as Handlers<Operations, MessagingContext>;
}
