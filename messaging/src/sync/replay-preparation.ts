import type { MemberRepository } from '../conversations/member-repository.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { PlainSession } from '../delivery/plain-session.ts';
import type { ReportFault } from '../faults.ts';
import type { CursorRepository } from './cursor-repository.ts';
import type { CursorWriter } from './cursor-writer.ts';
import { RETRY, type PageReplay } from './page-replay.ts';

export interface ReplayPreparationDeps {
  readonly members: Pick<MemberRepository, 'allOf' | 'findOwn'>;
  readonly cursors: Pick<CursorRepository, 'begin' | 'findMany' | 'of'>;
  readonly delivery: Pick<Delivery, 'deliveries' | 'findRooms' | 'userRooms'>;
  /** Resolves after `ms` milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  readonly reportFault: ReportFault;
}

interface Parts {
  readonly writer: Pick<CursorWriter, 'settled'>;
  readonly conversations: Pick<PageReplay, 'readFirst'>;
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

  /**
   * Puts the socket into the rooms of all conversations in which the session has acknowledged everything, and lets it
   * replay the others. Where a session has acknowledged everything once, only later entries count: cursors never go back.
   */
  async #prepare(session: PlainSession): Promise<void> {
    const { delivery } = this.#deps;
    const { deliveries, userRooms } = delivery;
    const { sessionId, userId } = session.socket.data.caller;
    await this.#parts.writer.settled(sessionId);
    await delivery.findRooms(session.socket);
    if (!isOpen(session)) return;
    const { changes } = deliveries;
    const starts = await this.#startsOf(session);
    if (!isOpen(session)) return;
    for (const id of userRooms.conversationsOf(userId)) {
      if (userRooms.isIn(session.socket, id) || !session.mayEnter(id)) continue;
      const ordered = deliveries.get(id);
      const start = starts.get(id);
      if (start !== undefined) session.expect(id, start);
      else if (ordered?.isSettled !== true || ordered.changedAt > changes)
        session.expect(id, undefined);
    }
    const behind = new Set(session.waiting());
    userRooms.enterAll(session.socket, behind);
    userRooms.noteCompared(userId, sessionId, { changes, behind });
    this.#parts.conversations.readFirst(session, session.next());
  }

  /** Where the replays begin of the conversations in which the session has not acknowledged everything. */
  async #startsOf(session: PlainSession): Promise<Map<string, number>> {
    const { delivery, members } = this.#deps;
    const { userId } = session.socket.data.caller;
    const cursors = await this.#cursorsOf(session);
    const behind: string[] = [];
    for (const [id, cursor] of cursors) {
      if ((delivery.deliveries.get(id)?.position ?? 0) > cursor) behind.push(id);
    }
    if (behind.length === 0) return new Map();
    const memberships = await members.findOwn(userId, behind);
    const startOf = (id: string) =>
      Math.max(cursors.get(id) ?? 0, (memberships.get(id)?.joinedSeq ?? 1) - 1);
    return new Map(behind.map((id) => [id, startOf(id)]));
  }

  /** The cursors of the conversations in which something may have happened since the session was compared; 0 where it has none. */
  async #cursorsOf({ socket }: PlainSession): Promise<ReadonlyMap<string, number>> {
    const { cursors, delivery } = this.#deps;
    const { sessionId, userId } = socket.data.caller;
    const ids = delivery.userRooms.conversationsOf(userId);
    const compared = delivery.userRooms.compared(userId, sessionId);
    if (compared === undefined) {
      const all = await this.#allCursorsOf(userId, sessionId);
      return new Map([...ids].map((id) => [id, all.get(id) ?? 0]));
    }
    const { behind, changes } = compared;
    const changed = [...ids].filter(
      (id) => behind.has(id) || (delivery.deliveries.get(id)?.changedAt ?? Infinity) > changes,
    );
    const found = await cursors.findMany(sessionId, changed);
    return new Map(changed.map((id) => [id, found.get(id) ?? 0]));
  }

  /** All cursors of a session. At its first plain connection, they are written at the marks of the user. */
  async #allCursorsOf(userId: string, sessionId: string): Promise<ReadonlyMap<string, number>> {
    const { cursors, members } = this.#deps;
    const stored = await cursors.of(sessionId);
    if (stored.isBegun) return stored.byConversation;
    const memberships = await members.allOf(userId);
    const marks = new Map(
      memberships.map(({ conversationId, deliveredSeq }) => [conversationId, deliveredSeq]),
    );
    return (await cursors.begin(sessionId, marks, stored)).byConversation;
  }
}

/** Check again after each await: the socket may have disconnected. */
function isOpen({ isOver, socket }: PlainSession): boolean {
  return !isOver && socket.connected;
}
