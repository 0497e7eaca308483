import type { MessageItem } from '@parley/client-common';
import { beginning } from '@parley/common';
import { Reply, X } from 'lucide-react';

import { texts } from '../../texts/index.ts';
import { contentText } from '../attachments/attachment-text.ts';
import { IconButton } from '../../ui/button.tsx';

export interface ReplyBarProps {
  readonly item: MessageItem;
  readonly name: string;
  readonly onCancel: () => void;
}

/** A preview of the replied-to message above the field. */
export function ReplyBar({ item, name, onCancel }: ReplyBarProps) {
  return (
    <div className="reply-bar">
      <Reply className="icon-mirror" size={20} aria-hidden />
      <div className="reply-bar-text">
        <div className="reply-bar-name truncate">{texts.composer.replyingTo(name)}</div>
        <div className="quiet truncate" dir="auto">
          {item.deleted ? texts.timeline.deleted : beginning(contentText(item), 200)}
        </div>
      </div>
      <IconButton label={texts.composer.cancelReply} onClick={onCancel}>
        <X size={20} aria-hidden />
      </IconButton>
    </div>
  );
}
