import type { ReplyPreview } from '@parley/client-common';

import { useSelf } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { colourOf } from '../../ui/identity.ts';
import { useTimelineActions } from './timeline-context.ts';

/** The message that is replied to; a click shows it. */
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

function quoteText({ deleted, text }: ReplyPreview): string {
  if (deleted) return texts.timeline.deleted;
  return text === null ? texts.timeline.quoteUnknown : text.slice(0, 200).replace(/\s+/gu, ' ');
}
