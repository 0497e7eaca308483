import { randomUUID } from 'node:crypto';
import type { RequestContext, VerifiedCaller } from '@parley/backend-common';
import { AppError } from '@parley/common';

import type { ClientSocket } from './socket.ts';

/** What a handler of this service gets besides its input. */
export interface MessagingContext extends RequestContext {
  /** The socket of the request; `null` over HTTP. */
  readonly socket: ClientSocket | null;
}

/** The context of an event of a socket. */
export class SocketContext implements MessagingContext {
  readonly caller: VerifiedCaller;
  readonly address: string;
  readonly socket: ClientSocket;
  #requestId: string | undefined;

  constructor(socket: ClientSocket) {
    this.caller = socket.data.caller;
    this.address = socket.data.address;
    this.socket = socket;
  }

  /** Created on first use: few events are logged. */
  get requestId(): string {
    return (this.#requestId ??= randomUUID());
  }
}

/** The socket of an operation that works over sockets only. @throws AppError `invalid_input` over HTTP */
export function requireSocket(context: MessagingContext): ClientSocket {
  if (context.socket === null) throw new AppError('invalid_input', 'This operation needs a socket');
  return context.socket;
}
