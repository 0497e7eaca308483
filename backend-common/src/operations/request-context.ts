import type { Caller } from '../sessions/session-verifier.ts';

/** What a handler knows about a request in addition to its input. */
export interface RequestContext {
  readonly caller: Caller;
  /** The user of the machine who typed `npm run admin`; absent in requests of users. */
  readonly operator?: string;
  /** Address of the client. */
  readonly address: string;
  readonly requestId: string;
}

/** The context of a request without a session. */
export type PublicContext = Omit<RequestContext, 'caller' | 'operator'>;
