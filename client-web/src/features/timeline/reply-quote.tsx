import type { ReplyPreview } from '@parley/client-common';
import { beginning } from '@parley/common';

import { useSelf } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { colourOf } from '../../ui/identity.ts';
import { contentText } from '../attachments/attachment-text.ts';
import { useTimelineActions } from './timeline-context.ts';

/** A quote of the replied-to message; a click scrolls to it. */
export function ReplyQuote({ reply }: { readonly reply: ReplyPreview }) {
  const { nameOf, show } = useTimelineActions();
  const self = useSelf();
  const { senderId } = reply;
  const who = senderId === self.id ? texts.common.you : senderId === null ? '' : nameOf(senderId);
  return (
    <button
      type="button"
      className={`quote name-${colourOf(senderId ?? '')}`}
      tabIndex={-1}
      onClick={() => show(reply.seq)}
    >
      <span className="quote-name truncate">
        <bdi>{who === '' ? texts.timeline.quoted : who}</bdi>
      </span>
      <span className="quote-text truncate" dir="auto">
        {quoteText(reply)}
      </span>
    </button>
  );
}

function quoteText({ deleted, text, attachment }: ReplyPreview): string {
  if (deleted) return texts.timeline.deleted;
  if (text === null && attachment === null) return texts.timeline.quoteUnknown;
  return beginning(contentText({ text, attachment }), 200).replace(/\s+/gu, ' ');
}
