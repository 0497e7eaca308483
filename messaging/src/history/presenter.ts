import { beginning } from '@parley/common';
import type { Message } from '@parley/common/contract';

import { attachmentOf } from '../log/attachment-content.ts';
import type { MessageDocument } from '../log/entry-document.ts';

/** Most UTF-16 code units of a quoted message that a reply shows. */
const PREVIEW = 140;

/**
 * A message for a member who sees the log from `joinedSeq` on.
 * @param quoted - the message that it replies to, if it was found
 */
export function toMessage(
  document: MessageDocument,
  joinedSeq: number,
  quoted?: MessageDocument,
): Message {
  const { _id: id, conversationId, seq, senderId, clientId, at, deletedSeq } = document;
  return {
    id,
    conversationId,
    seq,
    senderId,
    clientId,
    at,
    text: deletedSeq === undefined ? document.text : null,
    attachment: attachmentOf(document),
    replyTo: document.replyTo === null ? null : toReply(document.replyTo, joinedSeq, quoted),
    editedAt: null,
    deletedAt: deletedSeq === undefined ? null : (document.deletedAt ?? at),
    reactions: [],
    revision: deletedSeq ?? seq,
  };
}

function toReply(
  replyTo: { readonly messageId: string; readonly seq: number },
  joinedSeq: number,
  quoted: MessageDocument | undefined,
): Message['replyTo'] {
  const { messageId, seq } = replyTo;
  // Members never see messages from before they joined, not even quoted.
  if (quoted === undefined || seq < joinedSeq)
    return { messageId, seq, senderId: null, preview: null };
  const text = quoted.deletedSeq === undefined ? quoted.text : null;
  const preview = text === null ? null : beginning(text, PREVIEW);
  return { messageId, seq, senderId: quoted.senderId, preview };
}
