import type { MemberDocument } from '../conversations/member-document.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { PlainSession } from '../delivery/plain-session.ts';
import type { ReportFault } from '../faults.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { CursorRepository } from './cursor-repository.ts';
import type { CursorWriter } from './cursor-writer.ts';
import { RETRY, type PageReplay } from './page-replay.ts';

export interface ReplayPreparationDeps {
  readonly members: Pick<MemberRepository, 'allOf' | 'conversationIdsOf'>;
  readonly cursors: Pick<CursorRepository, 'begin' | 'of'>;
  readonly log: Pick<ConversationLog, 'tails'>;
  readonly delivery: Pick<Delivery, 'deliveries'>;
  /** Resolves after `ms` milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  readonly reportFault: ReportFault;
}

interface Parts {
  readonly writer: Pick<CursorWriter, 'settled'>;
  readonly conversations: Pick<PageReplay, 'enter' | 'readFirst'>;
}

/** Finds out where the replay of a session begins, and lets its socket into the rooms that need no replay. */
export class ReplayPreparation {
  readonly #deps: ReplayPreparationDeps;
  readonly #parts: Parts;

  constructor(deps: ReplayPreparationDeps, parts: Parts) {
    this.#deps = deps;
    this.#parts = parts;
  }

  /** Prepares a session; tries again while the database does not answer and the socket is connected. */
  async untilDone(session: PlainSession): Promise<void> {
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
    await this.#parts.writer.settled(sessionId);
    const [memberships, stored] = await Promise.all([members.allOf(userId), cursors.of(sessionId)]);
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
    this.#parts.conversations.readFirst(session, session.waiting().find(hasNewEntries)?.[0]);
    if (!stored.isBegun) {
      expectFrom((await cursors.begin(sessionId, marks, stored)).byConversation);
    }
    await this.#enterUpToDate(
      session,
      session.waiting().filter((each) => !hasNewEntries(each)),
    );
  }

  /**
   * Lets the socket into conversations without new entries, and drops those that the user has left: where no page is
   * read, nothing else checks that.
   */
  async #enterUpToDate(
    session: PlainSession,
    upToDate: readonly [conversationId: string, seq: number][],
  ): Promise<void> {
    if (upToDate.length === 0) return;
    const { delivery, members } = this.#deps;
    await delivery.deliveries.ensure(upToDate.map(([id]) => id));
    const present = new Set(await members.conversationIdsOf(session.socket.data.caller.userId));
    for (const [id] of upToDate) if (!present.has(id)) session.forget(id);
    const staying = upToDate.filter(([id]) => session.isReplaying(id));
    await Promise.all(
      staying.map(([id, seq]) => this.#parts.conversations.enter(session, id, seq)),
    );
  }
}

/** Check again after each await: the socket may have disconnected. */
function isOpen({ isOver, socket }: PlainSession): boolean {
  return !isOver && socket.connected;
}

function startOf(membership: MemberDocument, cursor: number | undefined): number {
  return Math.max(cursor ?? 0, membership.joinedSeq - 1);
}
