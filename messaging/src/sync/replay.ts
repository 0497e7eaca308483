import type { Delivery } from '../delivery/delivery.ts';
import type { PlainSession } from '../delivery/plain-session.ts';
import type { PlainSessionListener, PlainSessions } from '../delivery/plain-sessions.ts';
import { CursorWriter } from './cursor-writer.ts';
import type { CursorRepository } from './cursor-repository.ts';
import { PageReplay, type PageReplayDeps } from './page-replay.ts';
import type { DeliveredMark } from './ports.ts';
import { ReplayPreparation, type ReplayPreparationDeps } from './replay-preparation.ts';

export interface ReplayDeps extends PageReplayDeps, ReplayPreparationDeps {
  readonly cursors: Pick<CursorRepository, 'advance' | 'begin' | 'find' | 'findMany' | 'of'>;
  readonly delivery: Pick<Delivery, 'deliveries' | 'enter' | 'findRooms' | 'userRooms'>;
  readonly sessions: Pick<PlainSessions, 'get'>;
  /** Called with the milliseconds of each replay that has reached the present. */
  readonly onDone?: (milliseconds: number) => void;
}

/** Sends plain sockets what their session has not acknowledged, and puts them into each room when that is done. */
export class Replay implements PlainSessionListener {
  readonly #deps: ReplayDeps;
  readonly #writer: CursorWriter;
  readonly #conversations: PageReplay;
  readonly #preparation: ReplayPreparation;
  /** Sessions whose replay is in progress. */
  readonly #running = new Set<PlainSession>();
  #isStopped = false;

  constructor(deps: ReplayDeps) {
    this.#deps = deps;
    this.#writer = new CursorWriter(deps);
    this.#conversations = new PageReplay(deps, this.#writer);
    this.#preparation = new ReplayPreparation(deps, {
      writer: this.#writer,
      conversations: this.#conversations,
    });
  }

  /** Calls `listener` when a client has acknowledged pages. The write of the cursor waits for it. */
  onDelivered(listener: (mark: DeliveredMark) => Promise<unknown>): void {
    this.#writer.onDelivered(listener);
  }

  get inProgress(): number {
    return this.#running.size;
  }

  begun(session: PlainSession): void {
    const { socket } = session;
    const startedAt = performance.now();
    this.#run(session, async () => {
      await this.#preparation.untilDone(session);
      await this.#drain(session);
      if (!socket.connected || session.isOver) return;
      this.#deps.pages.done(socket);
      this.#deps.onDone?.(performance.now() - startedAt);
    });
  }

  restarted(session: PlainSession): void {
    if (!session.isRunning) this.#run(session, () => this.#drain(session));
  }

  /**
   * The highest `seq` up to which a plain socket has been sent a conversation without gaps; marks are limited to it.
   * `undefined` for heads sockets.
   */
  sentThrough(socketId: string, conversationId: string): number | undefined {
    const { delivery, sessions } = this.#deps;
    const session = sessions.get(socketId);
    if (session === undefined) return undefined;
    const isLive = delivery.userRooms.isIn(session.socket, conversationId);
    if (!isLive) return session.sentThrough(conversationId);
    return delivery.deliveries.get(conversationId)?.position ?? 0;
  }

  /** Ends all replays, writes what clients have acknowledged, and waits for all writes of cursors. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const session of this.#running) session.isOver = true;
    await this.#writer.stop();
  }

  #run(session: PlainSession, work: () => Promise<void>): void {
    if (this.#isStopped) return;
    session.isRunning = true;
    this.#running.add(session);
    work()
      .catch((error: unknown) => {
        session.isOver = true;
        this.#deps.reportFault('replay_aborted', error);
      })
      .finally(() => {
        session.isRunning = false;
        this.#running.delete(session);
        // A replay that was requested at the very end of the run.
        if (session.next() !== undefined) this.#run(session, () => this.#drain(session));
      });
  }

  async #drain(session: PlainSession): Promise<void> {
    for (let next = session.next(); next !== undefined; next = session.next()) {
      await this.#conversations.run(session, next);
    }
  }
}
