import { PlainSession } from './plain-session.ts';
import type { DeliverySocket, PlainSockets } from './ports.ts';

/** Replays what plain sessions wait for. */
export interface PlainSessionListener {
  /** A plain socket was opened: its replay begins. */
  begun(session: PlainSession): void;
  /** A conversation of the session must be replayed again. */
  restarted(session: PlainSession): void;
}

/** The plain sockets of this node: what each is sent live, and what must be replayed first. */
export class PlainSessions implements PlainSockets {
  readonly #sessions = new Map<string, PlainSession>();
  readonly #listeners: PlainSessionListener[] = [];

  /** Notifies `listener` of sessions that wait for a replay. */
  subscribe(listener: PlainSessionListener): void {
    this.#listeners.push(listener);
  }

  get(socketId: string): PlainSession | undefined {
    return this.#sessions.get(socketId);
  }

  begin(socket: DeliverySocket): void {
    const session = new PlainSession(socket);
    this.#sessions.set(socket.id, session);
    for (const listener of this.#listeners) listener.begun(session);
  }

  end(socket: DeliverySocket): void {
    const session = this.#sessions.get(socket.id);
    if (session !== undefined) session.isOver = true;
    this.#sessions.delete(socket.id);
  }

  admit(socket: DeliverySocket, conversationId: string): boolean {
    return this.#sessions.get(socket.id)?.mayEnter(conversationId) ?? false;
  }

  restart(socket: DeliverySocket, conversationId: string, seq?: number): void {
    const session = this.#sessions.get(socket.id);
    if (session === undefined) return;
    session.replay(conversationId, seq);
    for (const listener of this.#listeners) listener.restarted(session);
  }

  forget(socket: DeliverySocket, conversationId: string): void {
    this.#sessions.get(socket.id)?.finish(conversationId);
  }
}
