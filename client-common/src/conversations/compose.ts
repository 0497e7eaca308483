import { AppError } from '@parley/common';

import type { OutgoingFile } from '../api/uploads.ts';
import type { Context } from '../context.ts';
import { UNTRIED } from '../outbox/pending.ts';
import type { Conversation } from './conversation.ts';

/** What a message is made of; the text is checked. */
export interface Content {
  readonly text: string | null;
  readonly file?: OutgoingFile;
  /** Id of the message replied to. */
  readonly replyTo: string | undefined;
}

/**
 * Puts a message into the outbox and the timeline and answers its `clientId`.
 * Throws `not_found` where the message replied to is not in memory.
 */
export function compose(
  conversation: Conversation,
  { runtime, outbox }: Pick<Context, 'runtime' | 'outbox'>,
  { replyTo, ...content }: Content,
): string {
  const { id, lane, timeline } = conversation;
  const target = replyTo === undefined ? null : timeline.find(replyTo);
  if (replyTo !== undefined && target === null) throw new AppError('not_found');
  const clientId = runtime.newClientId();
  lane.add({
    conversationId: id,
    clientId,
    ...content,
    replyTo: target,
    at: runtime.now(),
    order: outbox.nextOrder(),
    state: UNTRIED,
  });
  timeline.jumpToNewest().catch(() => undefined);
  return clientId;
}
