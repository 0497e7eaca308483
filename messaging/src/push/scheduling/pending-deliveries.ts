import type { MessagePlace } from '../../log/entry-repository.ts';

/** The newest message of a conversation, and the newest of somebody else: nobody is told of the own ones. */
export interface Newest {
  seq: number;
  readonly senderId: string;
  readonly ofOthers?: { readonly seq: number; readonly senderId: string };
}

type Noted = Pick<MessagePlace, 'conversationId' | 'seq' | 'senderId'>;

/** What was sent in one stretch of time. */
export interface Slot {
  readonly startedAt: number;
  readonly conversations: Map<string, Newest>;
  /** Who was scheduled already as away, by conversation. */
  readonly scheduled: Map<string, Set<string>>;
  isEarlyDone: boolean;
}

/** What is known of conversations of which a message waits to be acknowledged. */
interface Waiting {
  /** Slots in which it stands. */
  slots: number;
  readonly acknowledged: Map<string, number>;
}

/** Milliseconds of one slot. */
export const SLOT = 500;

/**
 * Remembers what was sent and who has acknowledged it, in memory and within bounds: most of what is sent is
 * acknowledged within seconds, and nothing need be written of it.
 */
export class Pending {
  readonly #most: number;
  readonly #now: () => number;
  #slots: Slot[] = [];
  readonly #waiting = new Map<string, Waiting>();
  #size = 0;
  #lostSince: number | undefined;

  /** @param most conversations remembered, counted in each slot */
  constructor(now: () => number, most = 50_000) {
    this.#now = now;
    this.#most = most;
  }

  /** Takes note of a message that was acknowledged to its sender. */
  note(message: Noted): void {
    const slot = this.#slot();
    const { conversationId } = message;
    const before = slot.conversations.get(conversationId);
    if (before?.senderId === message.senderId) {
      before.seq = Math.max(before.seq, message.seq);
      return;
    }
    if (before === undefined) {
      if (this.#size >= this.#most) {
        this.#lostSince ??= slot.startedAt;
        return;
      }
      this.#size += 1;
      this.#enter(conversationId);
    }
    slot.conversations.set(conversationId, newest(before, message));
  }

  /** Takes note that somebody has everything up to `seq`. */
  acknowledge(conversationId: string, userId: string, seq: number): void {
    this.#waiting.get(conversationId)?.acknowledged.set(userId, seq);
  }

  hasAcknowledged(conversationId: string, userId: string, seq: number): boolean {
    return (this.#waiting.get(conversationId)?.acknowledged.get(userId) ?? 0) >= seq;
  }

  /** Slots that ended before `before` (milliseconds), the oldest first. */
  endedBefore(before: number): readonly Slot[] {
    return this.#slots.filter(({ startedAt }) => startedAt + SLOT <= before);
  }

  /** Every slot, the one that is being filled included. */
  all(): readonly Slot[] {
    return [...this.#slots];
  }

  /** Forgets a slot that is dealt with. */
  forget(slot: Slot): void {
    if (!this.#slots.includes(slot)) return;
    this.#slots = this.#slots.filter((other) => other !== slot);
    this.#size -= slot.conversations.size;
    for (const conversationId of slot.conversations.keys()) this.#leave(conversationId);
  }

  /** Since when messages were too many to be remembered, if any were; asking forgets it. */
  takeLost(): number | undefined {
    const lost = this.#lostSince;
    this.#lostSince = undefined;
    return lost;
  }

  /** What could not be made up for is to be made up for later. */
  putBackLost(since: number): void {
    this.#lostSince = Math.min(since, this.#lostSince ?? since);
  }

  /** Up to when everything is dealt with (milliseconds). */
  get flushedTo(): number {
    const oldest = this.#slots[0]?.startedAt ?? this.#now();
    return Math.min(oldest, this.#lostSince ?? oldest);
  }

  /** Whether everything is dealt with. */
  get isEmpty(): boolean {
    return this.#slots.length === 0 && this.#lostSince === undefined;
  }

  get size(): number {
    return this.#size;
  }

  #slot(): Slot {
    const now = this.#now();
    const last = this.#slots.at(-1);
    if (last !== undefined && now < last.startedAt + SLOT) return last;
    const slot = {
      startedAt: now,
      conversations: new Map(),
      scheduled: new Map(),
      isEarlyDone: false,
    };
    this.#slots.push(slot);
    return slot;
  }

  #enter(conversationId: string): void {
    const waiting = this.#waiting.get(conversationId);
    if (waiting === undefined) {
      this.#waiting.set(conversationId, { slots: 1, acknowledged: new Map() });
    } else waiting.slots += 1;
  }

  #leave(conversationId: string): void {
    const waiting = this.#waiting.get(conversationId);
    if (waiting === undefined) return;
    waiting.slots -= 1;
    if (waiting.slots === 0) this.#waiting.delete(conversationId);
  }
}

/** What is newest after one more message, in whatever order they come. */
export function newest(
  before: Newest | undefined,
  { senderId, seq }: Omit<Noted, 'conversationId'>,
): Newest {
  if (before === undefined) return { seq, senderId };
  const { ofOthers } = before;
  if (senderId === before.senderId) {
    return seq > before.seq ? { ...before, seq } : before;
  }
  if (seq > before.seq) {
    return { seq, senderId, ofOthers: { seq: before.seq, senderId: before.senderId } };
  }
  return seq > (ofOthers?.seq ?? 0) ? { ...before, ofOthers: { seq, senderId } } : before;
}

/** The newest message that is news to a person; `undefined` where all are its own. */
export function newsFor(userId: string, { ofOthers, senderId, seq }: Newest): number | undefined {
  return senderId === userId ? ofOthers?.seq : seq;
}
