import type { Caller } from '../sessions/session-verifier.ts';

/** What a handler knows about a request in addition to its input. */
export interface RequestContext {
  readonly caller: Caller;
  /** Who typed the command on the machine of the deployment that this is the call of; absent in requests of users. */
  readonly operator?: string;
  /** Address of the client. */
  readonly address: string;
  readonly requestId: string;
}

/** The context of a request without a session. */
export type PublicContext = Omit<RequestContext, 'caller' | 'operator'>;
