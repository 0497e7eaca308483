import { AppError, LIMITS } from '@parley/common';

import type { MemberDocument } from '../conversations/member-document.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { PlainSession } from '../delivery/plain-session.ts';
import type { PlainSessionListener, PlainSessions } from '../delivery/plain-sessions.ts';
import type { DeliverySocket } from '../delivery/ports.ts';
import type { ReportFault } from '../faults.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { MessageReader, PageRequest, WrittenPage } from '../history/message-reader.ts';
import type { CursorRepository } from './cursor-repository.ts';
import { LatestWriter } from './latest-writer.ts';
import { PAGE, PagesAhead, type PageOutcome } from './pages-ahead.ts';
import { PendingWrites } from './pending-writes.ts';

export interface ReplayDeps {
  readonly members: Pick<MemberRepository, 'conversationIdsOf' | 'pageOf'>;
  readonly cursors: Pick<CursorRepository, 'advance' | 'begin' | 'find' | 'of'>;
  readonly reader: Pick<MessageReader, 'written'>;
  readonly log: Pick<ConversationLog, 'tails'>;
  readonly delivery: Pick<Delivery, 'enter' | 'deliveries'>;
  readonly sessions: Pick<PlainSessions, 'get'>;
  readonly pages: PageSender;
  /** Resolves after `ms` milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  readonly reportFault: ReportFault;
}

/** How far a client has acknowledged the pages of a conversation. */
export interface DeliveredMark {
  readonly conversationId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
}

/** The cursor is written after this many acknowledged pages. After a crash, pages may be sent again; clients ignore them by `seq`. */
const PAGES_A_WRITE = 4;
/** Milliseconds between checks whether the delivery has caught up with a replay. */
const CATCH_UP_PAUSE = 25;
/** Milliseconds between attempts while the database does not answer. */
const RETRY = 500;

/** A page as JSON: `entries` is the text of an array. */
export type SentPage = Omit<WrittenPage, 'last'> & { readonly conversationId: string };

/** Sends pages to one socket. */
export interface PageSender {
  /** Resolves when the client has acknowledged the page; rejects if it has not within 30 s. */
  send(socket: DeliverySocket, page: SentPage): Promise<void>;
  done(socket: DeliverySocket): void;
}

/** Sends plain sockets what their session has not acknowledged, and puts them into each room when that is done. */
export class Replay implements PlainSessionListener {
  readonly #deps: ReplayDeps;
  /** Pages that are read ahead for a session, by conversation. */
  readonly #ahead = new WeakMap<PlainSession, Map<string, PagesAhead>>();
  readonly #writes = new PendingWrites();
  readonly #listeners: ((mark: DeliveredMark) => Promise<unknown>)[] = [];

  constructor(deps: ReplayDeps) {
    this.#deps = deps;
  }

  /** Calls `listener` when a client has acknowledged pages. The write of the cursor waits for it. */
  onDelivered(listener: (mark: DeliveredMark) => Promise<unknown>): void {
    this.#listeners.push(listener);
  }

  begun(session: PlainSession): void {
    const { socket } = session;
    this.#run(session, async () => {
      await this.#prepareUntilDone(session);
      await this.#drain(session);
      if (socket.connected && !session.isOver) this.#deps.pages.done(socket);
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
    const ordered = delivery.deliveries.get(conversationId)?.position;
    return session.isLive(conversationId) ? (ordered ?? 0) : session.sentThrough(conversationId);
  }

  #run(session: PlainSession, work: () => Promise<void>): void {
    session.isRunning = true;
    work()
      .catch((error: unknown) => {
        session.isOver = true;
        this.#deps.reportFault('replay_aborted', error);
      })
      .finally(() => {
        session.isRunning = false;
        // A replay that was requested at the very end of the run.
        if (session.next() !== undefined) this.#run(session, () => this.#drain(session));
      });
  }

  /** Retries while the database does not respond. */
  async #prepareUntilDone(session: PlainSession): Promise<void> {
    while (isOpen(session)) {
      try {
        await this.#prepare(session);
        return;
      } catch (error) {
        this.#deps.reportFault('replay_preparation_failed', error);
        await this.#deps.pause(RETRY);
      }
    }
  }

  /** Reads the cursors of the session. At its first plain connection, it writes them at the marks of the user. */
  async #prepare(session: PlainSession): Promise<void> {
    const { cursors, log, members } = this.#deps;
    const { sessionId, userId } = session.socket.data.caller;
    await this.#writes.settled(sessionId);
    const [memberships, stored] = await Promise.all([
      members.pageOf(userId, { limit: LIMITS.conversationsPerUser + 1 }),
      cursors.of(sessionId),
    ]);
    const tails = await log.tails(memberships.map(({ conversationId }) => conversationId));
    const expectFrom = (known: ReadonlyMap<string, number>) => {
      for (const membership of memberships) {
        const { conversationId } = membership;
        session.expect(conversationId, startOf(membership, known.get(conversationId)));
      }
    };
    const marks = new Map(
      memberships.map(({ conversationId, deliveredSeq }) => [conversationId, deliveredSeq]),
    );
    expectFrom(stored.isBegun ? stored.byConversation : marks);
    const hasNewEntries = ([conversationId, seq]: [string, number]) =>
      (tails.get(conversationId) ?? 0) > seq;
    // The cursors hardly ever change below, so the first page is read while they are written.
    this.#readFirst(session, session.waiting().find(hasNewEntries)?.[0]);
    if (!stored.isBegun) {
      expectFrom((await cursors.begin(sessionId, marks, stored)).byConversation);
    }
    const upToDate = session.waiting().filter((each) => !hasNewEntries(each));
    await this.#forgetFormer(
      session,
      upToDate.map(([id]) => id),
    );
    const staying = upToDate.filter(([id]) => session.isReplaying(id));
    await Promise.all(staying.map(([id, seq]) => this.#enter(session, id, seq)));
  }

  /** Drops conversations that the user has left. Needed where no page is read, because reading a page checks that. */
  async #forgetFormer(session: PlainSession, conversationIds: readonly string[]): Promise<void> {
    if (conversationIds.length === 0) return;
    const { delivery, members } = this.#deps;
    await delivery.deliveries.ensure(conversationIds);
    const present = new Set(await members.conversationIdsOf(session.socket.data.caller.userId));
    for (const id of conversationIds) if (!present.has(id)) session.forget(id);
  }

  /** Begins to read the first page of a conversation before its replay begins. */
  #readFirst(session: PlainSession, conversationId: string | undefined): void {
    if (conversationId === undefined) return;
    this.#aheadOf(session, conversationId).read(session.sentThrough(conversationId), 1);
  }

  #aheadOf(session: PlainSession, conversationId: string): PagesAhead {
    const { userId } = session.socket.data.caller;
    const ofSession = this.#ahead.get(session) ?? new Map<string, PagesAhead>();
    this.#ahead.set(session, ofSession);
    let found = ofSession.get(conversationId);
    if (found === undefined) {
      found = new PagesAhead((after) => this.#read({ conversationId, userId, after, limit: PAGE }));
      ofSession.set(conversationId, found);
    }
    return found;
  }

  async #drain(session: PlainSession): Promise<void> {
    for (let next = session.next(); next !== undefined; next = session.next()) {
      await this.#replay(session, next);
    }
  }

  async #replay(session: PlainSession, conversationId: string): Promise<void> {
    const acknowledged = new LatestWriter(PAGES_A_WRITE, (seq) =>
      this.#write(session, conversationId, seq),
    );
    try {
      await this.#sendPages(session, conversationId, acknowledged);
    } finally {
      this.#ahead.get(session)?.delete(conversationId);
      // The replay goes on while this is written.
      this.#writes.add(session.socket.data.caller.sessionId, acknowledged.finish());
    }
  }

  async #sendPages(
    session: PlainSession,
    conversationId: string,
    acknowledged: LatestWriter,
  ): Promise<void> {
    const { pages, pause } = this.#deps;
    const ahead = this.#aheadOf(session, conversationId);
    while (session.isReplaying(conversationId) && session.socket.connected) {
      if (session.needsCursor(conversationId) && !(await this.#readCursor(session, conversationId)))
        continue;
      const after = session.sentThrough(conversationId);
      const page = await ahead.take(after);
      if (page === 'not_a_member') {
        session.forget(conversationId);
        return;
      }
      if (page === 'failed') {
        ahead.forget();
        await pause(RETRY);
        continue;
      }
      // The replay may have been restarted at another position meanwhile.
      if (session.sentThrough(conversationId) !== after) continue;
      const { entries, hasMore, last } = page;
      if (last === undefined) {
        if (await this.#enter(session, conversationId, after)) return;
        ahead.forget();
        await pause(CATCH_UP_PAUSE);
        continue;
      }
      session.sent(conversationId, last);
      if (hasMore) ahead.read(last);
      else this.#readFirst(session, session.next(conversationId));
      await pages.send(session.socket, { conversationId, entries, hasMore });
      acknowledged.put(last);
      if (!hasMore && (await this.#enter(session, conversationId, last))) return;
    }
  }

  /** The page after `seq`. Never rejects. */
  async #read(request: PageRequest): Promise<PageOutcome> {
    try {
      return await this.#deps.reader.written(request);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return 'not_a_member';
      this.#deps.reportFault('replay_page_read_failed', error);
      return 'failed';
    }
  }

  /** Sets the start of a replay to the session's cursor. Returns whether the cursor could be read. */
  async #readCursor(session: PlainSession, conversationId: string): Promise<boolean> {
    const { cursors, pause, reportFault } = this.#deps;
    const { sessionId } = session.socket.data.caller;
    try {
      await this.#writes.settled(sessionId);
      const cursor = await cursors.find(sessionId, conversationId);
      if (session.needsCursor(conversationId)) session.expect(conversationId, cursor ?? 0);
      return true;
    } catch (error) {
      reportFault('cursor_read_failed', error);
      await pause(RETRY);
      return false;
    }
  }

  async #write(session: PlainSession, conversationId: string, seq: number): Promise<void> {
    const { cursors, reportFault } = this.#deps;
    const { sessionId, userId } = session.socket.data.caller;
    const mark = { conversationId, userId, deliveredSeq: seq };
    await Promise.all([
      cursors.advance(sessionId, conversationId, seq),
      ...this.#listeners.map((listener) => listener(mark)),
    ]).catch((error: unknown) => reportFault('cursor_write_failed', error));
  }

  /** Puts the socket into the room if the delivery is exactly where the replay ended. Returns whether the replay is over. */
  async #enter(session: PlainSession, conversationId: string, seq: number): Promise<boolean> {
    if (!session.socket.connected) return true;
    const isBehind = await this.#deps.delivery.enter(session.socket, { conversationId, seq }, () =>
      session.goLive(conversationId),
    );
    return !isBehind;
  }
}

/** Check again after each await: the socket may have disconnected. */
function isOpen({ isOver, socket }: PlainSession): boolean {
  return !isOver && socket.connected;
}

function startOf(membership: MemberDocument, cursor: number | undefined): number {
  return Math.max(cursor ?? 0, membership.joinedSeq - 1);
}
