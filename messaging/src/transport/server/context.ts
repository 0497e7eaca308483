import { randomUUID } from 'node:crypto';
import type { RequestContext, VerifiedCaller } from '@parley/backend-common';
import { AppError } from '@parley/common';

import type { ClientSocket } from './socket.ts';

/** What a handler of this service knows of a request besides its input. */
export interface MessagingContext extends RequestContext {
  /** The socket that asked; `null` over HTTP. */
  readonly socket: ClientSocket | null;
}

/** What is known of an event of a socket. */
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

  /** Made when it is asked for: few events are ever spoken of. */
  get requestId(): string {
    return (this.#requestId ??= randomUUID());
  }
}

/** The socket of an operation that has no meaning without one. @throws AppError `invalid_input` over HTTP */
export function requireSocket(context: MessagingContext): ClientSocket {
  if (context.socket === null) throw new AppError('invalid_input', 'This needs a socket');
  return context.socket;
}
