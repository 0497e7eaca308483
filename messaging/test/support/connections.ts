import type { ErrorBody } from '@parley/common';
import type { Ack, EventName, EventPayload } from '@parley/common/contract';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

import type { Person } from './people.ts';

export type Options = Partial<ManagerOptions & SocketOptions>;

/** What a refused handshake says. */
export interface Refused extends Error {
  readonly data?: ErrorBody;
}

/** Opens sockets as a plain client does, and closes them all. */
export class Connections {
  readonly #open: Socket[] = [];

  /** A socket that has not connected yet. */
  prepare(url: string, auth: Record<string, unknown>, options: Options = {}): Socket {
    const socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth,
      ...options,
    });
    this.#open.push(socket);
    return socket;
  }

  /** A socket that is ready. */
  async open(
    url: string,
    person: Pick<Person, 'token'>,
    options: Options & { readonly sync?: 'heads' } = {},
  ): Promise<Socket> {
    const { sync = 'heads', ...rest } = options;
    const socket = this.prepare(url, { token: person.token, sync }, rest);
    await heard(socket, 'ready');
    return socket;
  }

  /** How the handshake of a socket is refused. */
  async refused(url: string, auth: Record<string, unknown>, options?: Options): Promise<Refused> {
    const socket = this.prepare(url, auth, options);
    return (await eventOf(socket, 'connect_error')) as Refused;
  }

  close(): void {
    for (const socket of this.#open) socket.disconnect();
  }
}

interface Untyped {
  on(name: string, listener: (given: unknown) => void): unknown;
  off(name: string, listener: (given: unknown) => void): unknown;
}

/** The types of the client library know no events of ours. */
function untyped(socket: Socket): Untyped {
  return socket;
}

/** The next event of a name; rejects when the handshake is refused. */
export function heard<Name extends EventName>(
  socket: Socket,
  name: Name,
  isWanted: (payload: EventPayload<Name>) => boolean = () => true,
): Promise<EventPayload<Name>> {
  return new Promise((resolve, reject) => {
    const listener = (payload: unknown) => {
      if (!isWanted(payload as EventPayload<Name>)) return;
      untyped(socket).off(name, listener);
      resolve(payload as EventPayload<Name>);
    };
    untyped(socket).on(name, listener);
    socket.once('connect_error', reject);
  });
}

/** Every event of a name from now on. */
export function collected<Name extends EventName>(
  socket: Socket,
  name: Name,
): EventPayload<Name>[] {
  const all: EventPayload<Name>[] = [];
  untyped(socket).on(name, (payload: unknown) => void all.push(payload as EventPayload<Name>));
  return all;
}

/** Why a socket is closed. */
export async function closed(socket: Socket): Promise<string> {
  return (await eventOf(socket, 'disconnect')) as string;
}

/** The first argument of the next event of a name, of a socket or of what connects it. */
export function eventOf(
  emitter: { once(name: never, listener: (given: unknown) => void): unknown },
  name: string,
): Promise<unknown> {
  return new Promise((resolve) => emitter.once(name as never, resolve));
}

/** Milliseconds after which a test stops waiting, before mocha ends it without a reason. */
const PATIENCE = 50_000;

/** The answer to an operation as it comes. */
export function ask(socket: Socket, name: string, ...given: unknown[]): Promise<Ack<unknown>> {
  return socket.timeout(PATIENCE).emitWithAck(name, ...given) as Promise<Ack<unknown>>;
}

/** The data of an operation that succeeds. */
export async function call(socket: Socket, name: string, input: unknown = {}): Promise<unknown> {
  const answer = await ask(socket, name, input);
  if (!answer.ok) throw Object.assign(new Error(answer.error.code), answer.error);
  return answer.data;
}

/** The error code of an operation that is refused. */
export async function refusal(
  socket: Socket,
  name: string,
  ...given: unknown[]
): Promise<string | undefined> {
  const answer = await ask(socket, name, ...given);
  return answer.ok ? undefined : answer.error.code;
}
