import { LIMITS } from '@parley/common';
import type { Entry } from '@parley/common/contract';

import type { MemberDocument, MemberRepository } from '../conversations/member-repository.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { DeliverySocket, PlainSockets } from '../delivery/ports.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { MessageReader } from '../messages/message-reader.ts';
import type { CursorRepository } from './cursor-repository.ts';
import { LatestWriter } from './latest-writer.ts';
import { PlainSession } from './plain-session.ts';

/** What a replay needs. */
export interface ReplayDeps {
  readonly members: Pick<MemberRepository, 'pageOf'>;
  readonly cursors: Pick<CursorRepository, 'advance' | 'begin' | 'of'>;
  readonly reader: Pick<MessageReader, 'entries'>;
  readonly log: Pick<ConversationLog, 'tails'>;
  readonly delivery: Pick<Delivery, 'enter' | 'gates'>;
  /** Raises the delivered mark of a member; resolves when it is written. */
  readonly raiseDelivered: (mark: {
    conversationId: string;
    userId: string;
    deliveredSeq: number;
  }) => Promise<unknown>;
  readonly pages: PageSender;
  /** Waits a moment, for a gate that is about to catch up. */
  readonly pause: () => Promise<void>;
  readonly onFault: (fault: string, error: unknown) => void;
}

interface Page {
  readonly entries: Entry[];
  readonly hasMore: boolean;
}

/** Entries of a page at most; about 256 KiB end it earlier. */
const PAGE = 500;
/** Pages that are read while the client takes one. */
const AHEAD = 2;

/** Sends pages to one socket. */
export interface PageSender {
  /** Resolves when the client has acknowledged the page, and rejects after 30 s without. */
  send(
    socket: DeliverySocket,
    page: { conversationId: string; entries: Entry[]; hasMore: boolean },
  ): Promise<void>;
  done(socket: DeliverySocket): void;
}

/** Pushes to plain sockets what their session has not acknowledged, and lets them into each conversation when it is done. */
export class Replay implements PlainSockets {
  readonly #deps: ReplayDeps;
  readonly #sessions = new Map<string, PlainSession>();

  constructor(deps: ReplayDeps) {
    this.#deps = deps;
  }

  begin(socket: DeliverySocket): void {
    const session = new PlainSession(socket);
    this.#sessions.set(socket.id, session);
    this.#run(session, async () => {
      await this.#prepare(session);
      await this.#drain(session);
      if (socket.connected && !session.isOver) this.#deps.pages.done(socket);
    });
  }

  end(socket: DeliverySocket): void {
    const session = this.#sessions.get(socket.id);
    if (session !== undefined) session.isOver = true;
    this.#sessions.delete(socket.id);
  }

  admit(socket: DeliverySocket, conversationId: string): boolean {
    const session = this.#sessions.get(socket.id);
    return session?.admit(conversationId) ?? false;
  }

  restart(socket: DeliverySocket, conversationId: string, seq?: number): void {
    const session = this.#sessions.get(socket.id);
    if (session === undefined) return;
    session.replay(conversationId, seq);
    if (!session.isRunning) this.#run(session, () => this.#drain(session));
  }

  forget(socket: DeliverySocket, conversationId: string): void {
    this.#sessions.get(socket.id)?.forget(conversationId);
  }

  /**
   * The highest `seq` of a conversation that a plain socket has been sent, in order; marks are cut to it.
   * `undefined` for other sockets, which pull by themselves.
   */
  sentThrough(socketId: string, conversationId: string): number | undefined {
    const session = this.#sessions.get(socketId);
    if (session === undefined) return undefined;
    const gate = this.#deps.delivery.gates.get(conversationId)?.position;
    return session.isLive(conversationId) ? (gate ?? 0) : session.sentThrough(conversationId);
  }

  #run(session: PlainSession, work: () => Promise<void>): void {
    session.isRunning = true;
    work()
      .catch((error: unknown) => {
        session.isOver = true;
        this.#deps.onFault('A replay ended before its time', error);
      })
      .finally(() => {
        session.isRunning = false;
      });
  }

  /** Reads where the session stands; at its first plain connection the cursors are written at the marks. */
  async #prepare(session: PlainSession): Promise<void> {
    const { cursors, members } = this.#deps;
    const { sessionId, userId } = session.socket.data.caller;
    const memberships = await members.pageOf(userId, { limit: LIMITS.conversationsPerUser + 1 });
    let known = await cursors.of(sessionId);
    if (!known.isBegun) {
      const marks = memberships.map(
        ({ conversationId, deliveredSeq }) => [conversationId, deliveredSeq] as const,
      );
      known = await cursors.begin(sessionId, new Map(marks), known);
    }
    for (const membership of memberships) {
      const { conversationId } = membership;
      session.expect(conversationId, startOf(membership, known.byConversation.get(conversationId)));
    }
    await this.#enterWithoutNews(session);
  }

  /** Conversations in which nothing is missing need no page. */
  async #enterWithoutNews(session: PlainSession): Promise<void> {
    const waiting = session.waiting();
    const tails = await this.#deps.log.tails(waiting.map(([conversationId]) => conversationId));
    await Promise.all(
      waiting.map(async ([conversationId, seq]) => {
        if ((tails.get(conversationId) ?? 0) <= seq)
          await this.#enter(session, conversationId, seq);
      }),
    );
  }

  async #drain(session: PlainSession): Promise<void> {
    for (let next = session.next(); next !== undefined; next = session.next()) {
      await this.#replay(session, next);
    }
  }

  async #replay(session: PlainSession, conversationId: string): Promise<void> {
    const { pages, pause } = this.#deps;
    const acknowledged = new LatestWriter((seq) => this.#write(session, conversationId, seq));
    const ahead = new PagesAhead((after) => this.#read(session, conversationId, after));
    while (session.isReplaying(conversationId) && session.socket.connected) {
      const after = session.sentThrough(conversationId);
      const page = await ahead.take(after);
      if (page === undefined) {
        session.forget(conversationId);
        break;
      }
      const last = page.entries.at(-1)?.seq;
      if (last === undefined) {
        if (await this.#enter(session, conversationId, after)) break;
        ahead.forget();
        await pause();
        continue;
      }
      session.sent(conversationId, last);
      if (page.hasMore) ahead.read(last);
      await pages.send(session.socket, { conversationId, ...page });
      acknowledged.put(last);
      if (!page.hasMore && (await this.#enter(session, conversationId, last))) break;
    }
    await acknowledged.written();
  }

  /** The page after `seq`; `undefined` where the person is a member no more. */
  #read(session: PlainSession, conversationId: string, after: number): Promise<Page | undefined> {
    const { userId } = session.socket.data.caller;
    const request = { conversationId, userId, after, limit: PAGE };
    return this.#deps.reader.entries(request).catch((error: unknown) => {
      this.#deps.onFault('A page of a replay could not be read', error);
      return undefined;
    });
  }

  async #write(session: PlainSession, conversationId: string, seq: number): Promise<void> {
    const { cursors, onFault, raiseDelivered } = this.#deps;
    const { sessionId, userId } = session.socket.data.caller;
    await Promise.all([
      cursors.advance(sessionId, conversationId, seq),
      raiseDelivered({ conversationId, userId, deliveredSeq: seq }),
    ]).catch((error: unknown) => onFault('A cursor was not written', error));
  }

  /** Goes over to live delivery if the gate stands exactly where the replay ended. */
  async #enter(session: PlainSession, conversationId: string, seq: number): Promise<boolean> {
    if (!session.socket.connected) return true;
    const isBehind = await this.#deps.delivery.enter(session.socket, { conversationId, seq }, () =>
      session.goLive(conversationId),
    );
    return !isBehind;
  }
}

/** Reads pages before they are asked for. There are no holes in a log, so it is known where the one after the next begins. */
class PagesAhead {
  readonly #read: (after: number) => Promise<Page | undefined>;
  readonly #pages = new Map<number, Promise<Page | undefined>>();

  constructor(read: (after: number) => Promise<Page | undefined>) {
    this.#read = read;
  }

  /** Begins to read the pages after `seq`. */
  read(seq: number): void {
    for (let after = seq; after < seq + AHEAD * PAGE; after += PAGE) {
      if (!this.#pages.has(after)) this.#pages.set(after, this.#read(after));
    }
  }

  /** The page after `seq`. What was read in vain, because a page ended early, is forgotten. */
  take(seq: number): Promise<Page | undefined> {
    const page = this.#pages.get(seq) ?? this.#read(seq);
    this.#pages.delete(seq);
    if (![...this.#pages.keys()].every((after) => after === seq + PAGE)) this.forget();
    return page;
  }

  /** Forgets what was read: there may be more by now. */
  forget(): void {
    this.#pages.clear();
  }
}

function startOf(membership: MemberDocument, cursor: number | undefined): number {
  return Math.max(cursor ?? 0, membership.joinedSeq - 1);
}
