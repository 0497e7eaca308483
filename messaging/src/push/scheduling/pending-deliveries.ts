import type { MessagePlace } from '../message-repository.ts';

/** The newest message of a conversation, and the newest by another sender, because senders are not notified of their own. */
export interface Newest {
  seq: number;
  readonly senderId: string;
  readonly ofOthers?: { readonly seq: number; readonly senderId: string };
}

type SentMessage = Pick<MessagePlace, 'conversationId' | 'seq' | 'senderId'>;

/** The messages sent within one period of {@link SLOT} milliseconds. */
export interface Slot {
  readonly startedAt: number;
  readonly conversations: Map<string, Newest>;
  /** Users for whom a push was scheduled because none of their devices was in the foreground, by conversation. */
  readonly scheduled: Map<string, Set<string>>;
  isBackgroundDone: boolean;
}

/** The acknowledgements of a conversation with pending messages. */
interface PendingConversation {
  /** The number of slots that contain the conversation. */
  slots: number;
  readonly acknowledged: Map<string, number>;
}

/** Milliseconds of one slot. */
export const SLOT = 500;

/**
 * Records in memory which messages were sent and who has acknowledged them. Most messages are acknowledged within
 * seconds, and then nothing is written to the database. Beyond a limit it records only since when messages are missing.
 */
export class PendingDeliveries {
  readonly #limit: number;
  readonly #now: () => number;
  #slots: Slot[] = [];
  readonly #conversations = new Map<string, PendingConversation>();
  #size = 0;
  #overflowSince: number | undefined;

  /** @param limit - conversations that are recorded, counted once in each slot */
  constructor(now: () => number, limit = 50_000) {
    this.#now = now;
    this.#limit = limit;
  }

  /** Records a message that was acknowledged to its sender. */
  add(message: SentMessage): void {
    const slot = this.#currentSlot();
    const { conversationId } = message;
    const before = slot.conversations.get(conversationId);
    if (before?.senderId === message.senderId) {
      before.seq = Math.max(before.seq, message.seq);
      return;
    }
    if (before === undefined) {
      if (this.#size >= this.#limit) {
        this.#overflowSince ??= slot.startedAt;
        return;
      }
      this.#size += 1;
      this.#retain(conversationId);
    }
    slot.conversations.set(conversationId, newest(before, message));
  }

  /** Records that a user has received everything up to `seq`. */
  acknowledge(conversationId: string, userId: string, seq: number): void {
    this.#conversations.get(conversationId)?.acknowledged.set(userId, seq);
  }

  hasAcknowledged(conversationId: string, userId: string, seq: number): boolean {
    return (this.#conversations.get(conversationId)?.acknowledged.get(userId) ?? 0) >= seq;
  }

  /** Slots that ended before `before` (milliseconds), oldest first. */
  endedBefore(before: number): readonly Slot[] {
    return this.#slots.filter(({ startedAt }) => startedAt + SLOT <= before);
  }

  /** All slots, including the current one. */
  all(): readonly Slot[] {
    return [...this.#slots];
  }

  /** Removes a slot whose pushes are scheduled. */
  remove(slot: Slot): void {
    if (!this.#slots.includes(slot)) return;
    this.#slots = this.#slots.filter((other) => other !== slot);
    this.#size -= slot.conversations.size;
    for (const conversationId of slot.conversations.keys()) this.#release(conversationId);
  }

  /** Since when messages exceeded the limit and were not recorded (milliseconds), if any were. Resets it. */
  takeOverflow(): number | undefined {
    const since = this.#overflowSince;
    this.#overflowSince = undefined;
    return since;
  }

  /** Restores an overflow that could not be handled yet. */
  restoreOverflow(since: number): void {
    this.#overflowSince = Math.min(since, this.#overflowSince ?? since);
  }

  /** The time (milliseconds) before which pushes are scheduled for all messages. */
  get flushedTo(): number {
    const oldest = this.#slots[0]?.startedAt ?? this.#now();
    return Math.min(oldest, this.#overflowSince ?? oldest);
  }

  /** Whether pushes are scheduled for all messages. */
  get isEmpty(): boolean {
    return this.#slots.length === 0 && this.#overflowSince === undefined;
  }

  /** The number of conversations, counted once in each slot. */
  get size(): number {
    return this.#size;
  }

  #currentSlot(): Slot {
    const now = this.#now();
    const last = this.#slots.at(-1);
    if (last !== undefined && now < last.startedAt + SLOT) return last;
    const slot = {
      startedAt: now,
      conversations: new Map(),
      scheduled: new Map(),
      isBackgroundDone: false,
    };
    this.#slots.push(slot);
    return slot;
  }

  #retain(conversationId: string): void {
    const pending = this.#conversations.get(conversationId);
    if (pending === undefined) {
      this.#conversations.set(conversationId, { slots: 1, acknowledged: new Map() });
    } else pending.slots += 1;
  }

  #release(conversationId: string): void {
    const pending = this.#conversations.get(conversationId);
    if (pending === undefined) return;
    pending.slots -= 1;
    if (pending.slots === 0) this.#conversations.delete(conversationId);
  }
}

/** The newest messages after one more, independent of the order of the calls. */
export function newest(
  before: Newest | undefined,
  { senderId, seq }: Omit<SentMessage, 'conversationId'>,
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

/** The newest message that a user did not send; `undefined` if the user sent all of them. */
export function newestFor(userId: string, { ofOthers, senderId, seq }: Newest): number | undefined {
  return senderId === userId ? ofOthers?.seq : seq;
}
