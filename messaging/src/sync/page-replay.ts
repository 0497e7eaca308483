import { AppError, LIMITS } from '@parley/common';

import type { Delivery } from '../delivery/delivery.ts';
import type { PlainSession } from '../delivery/plain-session.ts';
import type { ReportFault } from '../faults.ts';
import type { MessageReader, PageRequest, WrittenPage } from '../history/message-reader.ts';
import type { CursorRepository } from './cursor-repository.ts';
import type { CursorWriter } from './cursor-writer.ts';
import type { LatestWriter } from './latest-writer.ts';
import { PAGE, PagesAhead, type PageOutcome } from './pages-ahead.ts';
import type { PageSender } from './ports.ts';

export interface PageReplayDeps {
  readonly cursors: Pick<CursorRepository, 'find'>;
  readonly reader: Pick<MessageReader, 'written'>;
  readonly delivery: Pick<Delivery, 'enter'>;
  readonly pages: PageSender;
  /** Resolves after `ms` milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  readonly reportFault: ReportFault;
}

/** The replay of one conversation to one socket. */
interface Run {
  readonly session: PlainSession;
  readonly conversationId: string;
  readonly ahead: PagesAhead;
  /** Gets the last `seq` of each page that was acknowledged. */
  readonly acknowledged: Pick<LatestWriter, 'put'>;
}

/** Milliseconds between checks whether the delivery has caught up with a replay. */
const CATCH_UP_PAUSE = 25;
/** Milliseconds between attempts while the database does not answer. */
export const RETRY = 500;
/** Milliseconds between two pages to a client that does not acknowledge them. */
const UNACKNOWLEDGED_PAUSE = 250;

/** Replays single conversations to plain sockets, page by page, and puts the socket into the room at the end. */
export class PageReplay {
  readonly #deps: PageReplayDeps;
  readonly #writer: CursorWriter;
  /** Pages that are read ahead for a session, by conversation. */
  readonly #ahead = new WeakMap<PlainSession, Map<string, PagesAhead>>();

  constructor(deps: PageReplayDeps, writer: CursorWriter) {
    this.#deps = deps;
    this.#writer = writer;
  }

  /** Replays a conversation from the position of the session. Ends early when the socket disconnects. */
  async run(session: PlainSession, conversationId: string): Promise<void> {
    const ahead = this.#aheadOf(session, conversationId);
    try {
      await this.#writer.during(session, conversationId, (acknowledged) =>
        this.#sendPages({ session, conversationId, ahead, acknowledged }),
      );
    } finally {
      this.#ahead.get(session)?.delete(conversationId);
    }
  }

  /** Begins to read the first page of a conversation before its replay begins. */
  readFirst(session: PlainSession, conversationId: string | undefined): void {
    if (conversationId === undefined) return;
    this.#aheadOf(session, conversationId).read(session.sentThrough(conversationId), 1);
  }

  /** Puts the socket into the room if the delivery is exactly where the replay ended. Returns whether the replay is over. */
  async enter(session: PlainSession, conversationId: string, seq: number): Promise<boolean> {
    if (!session.socket.connected) return true;
    const isBehind = await this.#deps.delivery.enter(session.socket, { conversationId, seq }, () =>
      session.finish(conversationId),
    );
    return !isBehind;
  }

  async #sendPages(run: Run): Promise<void> {
    const { ahead, conversationId, session } = run;
    const { pause } = this.#deps;
    while (session.isReplaying(conversationId) && session.socket.connected) {
      if (session.needsCursor(conversationId) && !(await this.#readCursor(session, conversationId)))
        continue;
      const after = session.sentThrough(conversationId);
      const page = await ahead.take(after);
      if (page === 'not_a_member') {
        session.finish(conversationId);
        return;
      }
      if (page === 'failed') {
        ahead.forget();
        await pause(RETRY);
        continue;
      }
      // The replay may have been restarted at another position meanwhile.
      if (session.sentThrough(conversationId) !== after) continue;
      const { hasMore, last } = page;
      if (last === undefined) {
        if (await this.enter(session, conversationId, after)) return;
        ahead.forget();
        await pause(CATCH_UP_PAUSE);
        continue;
      }
      await this.#send(run, page, last);
      if (!hasMore && (await this.enter(session, conversationId, last))) return;
    }
  }

  /**
   * Sends a page. If the client does not acknowledge it, the replay goes on all the same, so that the live entries can
   * follow in order; but the cursor stays before this page, so that the next connection is sent it again.
   */
  async #send(run: Run, { entries, hasMore }: WrittenPage, last: number): Promise<void> {
    const { acknowledged, ahead, conversationId, session } = run;
    session.sent(conversationId, last);
    if (hasMore) ahead.read(last);
    else this.readFirst(session, session.next(conversationId));
    const patience = session.acknowledges ? LIMITS.replayPageAck : UNACKNOWLEDGED_PAUSE;
    const page = { conversationId, entries, hasMore };
    const receipt = await this.#deps.pages.send(session.socket, page, patience);
    if (receipt === 'disconnected') {
      session.isOver = true;
      return;
    }
    const isAcknowledged = receipt === 'acknowledged';
    if (session.noteAcknowledged(conversationId, isAcknowledged)) acknowledged.put(last);
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
      await this.#writer.settled(sessionId);
      const cursor = await cursors.find(sessionId, conversationId);
      if (session.needsCursor(conversationId)) session.expect(conversationId, cursor ?? 0);
      return true;
    } catch (error) {
      reportFault('cursor_read_failed', error);
      await pause(RETRY);
      return false;
    }
  }
}
