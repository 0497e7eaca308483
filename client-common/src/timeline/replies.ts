import type { Entry, MessageEntry } from '@parley/common/contract';

import type { ReplyPreview } from '../api/timeline.ts';
import type { Requests } from '../connection/requests.ts';
import type { Context } from '../context.ts';
import { keepSame } from '../store/signal.ts';
import { GONE } from './window.ts';

/** What a message says it replies to. */
export type ReplyTarget = NonNullable<MessageEntry['replyTo']>;

/** The conversation that messages stand in. */
export interface RepliesOwner {
  readonly id: string;
  /** A preview has come. */
  changed(): void;
}

/** Previews of messages replied to. What is not in memory is asked of the server once. */
export class Replies {
  readonly #requests: Requests;
  readonly #owner: RepliesOwner;
  readonly #known = new Map<string, ReplyPreview>();
  readonly #asked = new Set<string>();

  constructor({ requests }: Pick<Context, 'requests'>, owner: RepliesOwner) {
    this.#requests = requests;
    this.#owner = owner;
  }

  /** The preview; the same object as long as nothing changed. `entry`: the target, if it is in memory. */
  preview(target: ReplyTarget, entry: Entry | undefined): ReplyPreview {
    const known = this.#known.get(target.messageId);
    const next =
      entry?.kind === 'message'
        ? toPreview(target, entry)
        : (known ?? { ...target, senderId: null, ...GONE, deleted: false });
    const kept = keepSame(known, next);
    if (kept !== known) this.#known.set(target.messageId, kept);
    return kept;
  }

  /** Asks for a target that is not in memory; `joinedSeq`: nothing before it is shown to this person. */
  async ask(target: ReplyTarget, joinedSeq: number): Promise<void> {
    const { messageId, seq } = target;
    if (this.#asked.has(messageId) || seq < joinedSeq) return;
    if (this.#known.get(messageId)?.senderId) return;
    this.#asked.add(messageId);
    try {
      const page = await this.#requests.call('conversation:messages', {
        conversationId: this.#owner.id,
        before: seq + 1,
        limit: 1,
      });
      const message = page.messages.find((each) => each.id === messageId);
      if (message === undefined) return;
      const deleted = message.deletedAt !== null;
      this.#known.set(messageId, toPreview(target, { ...message, deleted }));
      this.#owner.changed();
    } catch {
      this.#asked.delete(messageId);
    }
  }

  /** Looks for deletions of what is previewed. */
  take(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const preview = entry.kind === 'deletion' && this.#known.get(entry.messageId);
      if (preview) this.#known.set(preview.messageId, { ...preview, ...GONE, deleted: true });
    }
  }
}

function toPreview(
  target: ReplyTarget,
  { senderId, text, attachment, deleted }: Omit<ReplyPreview, 'messageId' | 'seq'>,
): ReplyPreview {
  return { ...target, senderId, text, attachment, deleted };
}
