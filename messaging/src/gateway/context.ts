import type { RequestContext } from '@parley/backend-common';
import { AppError } from '@parley/common';

import type { GatewaySocket } from './gateway-socket.ts';

/** What a handler of this service knows of a request besides its input. */
export interface MessagingContext extends RequestContext {
  /** The socket that asked; `null` over HTTP. */
  readonly socket: GatewaySocket | null;
}

/** The socket of an operation that has no meaning without one. @throws AppError `invalid_input` over HTTP */
export function requireSocket(context: MessagingContext): GatewaySocket {
  if (context.socket === null) throw new AppError('invalid_input', 'This needs a socket');
  return context.socket;
}
