import type { Handlers, RequestContext } from '@parley/backend-common';
import type { AuthOperations } from '@parley/common/contract';

/** A feature as the app sees it: operation handlers, and what runs while the service is up. */
export interface Module<Name extends keyof AuthOperations> {
  readonly name: string;
  readonly handlers: Pick<Handlers<AuthOperations, RequestContext>, Name>;
  start?(): void;
  /** Waits for work in progress. */
  stop?(): Promise<void>;
}
