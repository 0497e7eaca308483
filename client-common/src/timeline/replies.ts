import type { Entry, MessageEntry } from '@parley/common/contract';

import type { Requests } from '../core/requests.ts';
import { keepSame } from '../core/signal.ts';
import { DELETED_CONTENT } from './entry-range.ts';
import type { ReplyPreview } from './types.ts';

/** What a message replies to, as the message says. */
export type ReplyTarget = NonNullable<MessageEntry['replyTo']>;

export interface RepliesDeps {
  readonly conversationId: string;
  readonly requests: Pick<Requests, 'call'>;
  /** Called when a preview has arrived. */
  readonly changed: () => void;
}

/** Previews of messages replied to. The server is asked once for each that is not in memory. */
export class Replies {
  readonly #deps: RepliesDeps;
  readonly #known = new Map<string, ReplyPreview>();
  readonly #asked = new Set<string>();

  constructor(deps: RepliesDeps) {
    this.#deps = deps;
  }

  /** The preview; the same object until something changes. `entry`: the target, if it is in memory. */
  preview(target: ReplyTarget, entry: Entry | undefined): ReplyPreview {
    const known = this.#known.get(target.messageId);
    const next =
      entry?.kind === 'message'
        ? toPreview(target, entry)
        : (known ?? { ...target, senderId: null, ...DELETED_CONTENT, deleted: false });
    const kept = keepSame(known, next);
    if (kept !== known) this.#known.set(target.messageId, kept);
    return kept;
  }

  /** Asks for a target that is not in memory. Nothing before `joinedSeq` is shown to this user. */
  async ask(target: ReplyTarget, joinedSeq: number): Promise<void> {
    const { requests, conversationId, changed } = this.#deps;
    const { messageId, seq } = target;
    if (this.#asked.has(messageId) || seq < joinedSeq) return;
    if (this.#known.get(messageId)?.senderId) return;
    this.#asked.add(messageId);
    try {
      const input = { conversationId, before: seq + 1, limit: 1 };
      const { entries } = await requests.call('conversation:entries', input);
      this.preview(target, entries[0]);
      changed();
    } catch {
      this.#asked.delete(messageId);
    }
  }

  /** Looks for deletions of previewed messages. */
  add(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const preview = entry.kind === 'deletion' && this.#known.get(entry.messageId);
      if (preview) {
        this.#known.set(preview.messageId, { ...preview, ...DELETED_CONTENT, deleted: true });
      }
    }
  }
}

function toPreview(
  target: ReplyTarget,
  { senderId, text, attachment, deleted }: Omit<ReplyPreview, 'messageId' | 'seq'>,
): ReplyPreview {
  return { ...target, senderId, text, attachment, deleted };
}
