import './message.css';

import type { AttachmentItem, MessageItem } from '@parley/client-common';
import { isolate } from '@parley/common';
import { Ban, ChevronDown } from 'lucide-react';
import { memo, useState } from 'react';

import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { classNames } from '../../ui/class-names.ts';
import { colourOf } from '../../ui/identity.ts';
import { Menu } from '../../ui/menu.tsx';
import { Ticks } from '../../ui/ticks.tsx';
import { clockText, fullText } from '../../ui/time-text.ts';
import { useLongPress } from '../../ui/use-long-press.ts';
import { AttachmentView } from '../attachments/attachment-view.tsx';
import { FormattedText } from '../formatting/formatted-text.tsx';
import { withoutHandle } from '../people/lookalike-names.ts';
import type { MessageRow as Row } from './build-rows.ts';
import { FailedNote } from './failed-note.tsx';
import { useMessageActions } from './message-actions.tsx';
import { emojiCount } from './emoji-count.ts';
import { MessageFold } from './message-fold.tsx';
import { ReplyQuote } from './reply-quote.tsx';

export interface MessageRowProps {
  readonly row: Row;
  readonly senderName: string;
  /** Whether names and avatars are shown. */
  readonly group: boolean;
  /** Whether this message has the keyboard focus. */
  readonly active: boolean;
  readonly flash: boolean;
}

/** One message: its bubble, with name and avatar depending on its position in the group. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { row, senderName, group, active, flash } = props;
  const { item, first, last, stack } = row;
  // Most messages are never interacted with, so their actions are rendered only on hover or focus.
  const [near, setNear] = useState(false);
  const press = useLongPress(openMenu);
  const side = item.own ? 'message-own' : 'message-other';
  return (
    <div
      className={classNames(
        'message',
        side,
        first && 'is-first',
        last && 'is-last',
        stack.before && 'is-stacked',
        stack.after && 'has-stacked',
        (stack.before || stack.after) && `in-stack stack-${stack.column}`,
      )}
      role="article"
      aria-label={`${item.own ? texts.common.you : isolate(senderName)}, ${clockText(item.at)}`}
      tabIndex={active ? 0 : -1}
      data-message={item.key}
      // Not onPointerEnter: React loses it when a dialog that was under the pointer is closed.
      onPointerOver={() => setNear(true)}
      onFocus={() => setNear(true)}
      {...press}
    >
      {group && !item.own && (
        <span className="message-avatar">
          {last && <Avatar id={item.senderId} name={withoutHandle(senderName)} size="small" />}
        </span>
      )}
      <Bubble
        item={item}
        senderName={group && !item.own && first ? senderName : null}
        active={active}
        near={near}
        flash={flash}
      />
      {item.delivery?.state === 'failed' && <FailedNote item={item} code={item.delivery.code} />}
    </div>
  );
});

/** Opens the menu of a message, unless a link or a selection was meant. Answers whether it did. */
function openMenu(message: HTMLElement, target: EventTarget): boolean {
  const button = message.querySelector<HTMLElement>('.bubble-menu');
  const selecting = (getSelection()?.toString() ?? '') !== '';
  if (button === null || selecting || target instanceof HTMLAnchorElement) return false;
  // Windows reports the menu key a second time, when it is released.
  if (button.ariaExpanded !== 'true') button.click();
  return true;
}

interface BubbleProps {
  readonly item: MessageItem;
  readonly senderName: string | null;
  readonly active: boolean;
  readonly near: boolean;
  readonly flash: boolean;
}

function Bubble({ item, senderName, active, near, flash }: BubbleProps) {
  const emoji = item.text === null ? 0 : emojiCount(item.text);
  const { attachment } = item;
  const bare = emoji > 0 && item.replyTo === null && attachment === null;
  return (
    <div
      className={classNames(
        'bubble',
        bare && 'bubble-bare',
        isPicture(attachment) && 'bubble-media',
        attachment?.kind === 'image' && 'bubble-picture',
        flash && 'bubble-flash',
      )}
    >
      {senderName !== null && (
        <div className={`bubble-sender name-${colourOf(item.senderId)}`}>
          <bdi>{senderName}</bdi>
        </div>
      )}
      {item.replyTo !== null && <ReplyQuote reply={item.replyTo} />}
      {attachment !== null && <AttachmentView item={item} attachment={attachment} />}
      {item.text === null && attachment !== null ? (
        <div className="bubble-foot">
          <Meta item={item} near={near} />
        </div>
      ) : (
        <div
          className={classNames('bubble-text', emoji > 0 && `emoji-${emoji > 3 ? 'some' : 'few'}`)}
          dir="auto"
        >
          {item.text === null ? (
            <DeletedText own={item.own} />
          ) : (
            <MessageFold id={item.key} text={item.text}>
              {/* An element of its own: a translator moves the text nodes, and then only the element can be removed. */}
              <span className="message-words">
                <FormattedText text={item.text} />
              </span>
            </MessageFold>
          )}
          <Meta item={item} near={near} />
        </div>
      )}
      {near && !item.deleted && <BubbleMenu item={item} active={active} />}
    </div>
  );
}

/** Whether the file fills the bubble from edge to edge. */
function isPicture(attachment: AttachmentItem | null): boolean {
  return attachment?.kind === 'image' || attachment?.kind === 'video';
}

function DeletedText({ own }: { readonly own: boolean }) {
  return (
    <span className="bubble-deleted">
      <Ban size={15} aria-hidden /> {own ? texts.timeline.deletedOwn : texts.timeline.deleted}
    </span>
  );
}

interface MetaProps {
  readonly item: MessageItem;
  readonly near: boolean;
}

function Meta({ item, near }: MetaProps) {
  return (
    <span className="bubble-meta">
      <time title={near ? fullText(item.at) : undefined} dir={texts.direction}>
        {clockText(item.at)}
      </time>
      {item.delivery !== null && !item.deleted && <Ticks state={item.delivery.state} />}
    </span>
  );
}

interface BubbleMenuProps {
  readonly item: MessageItem;
  readonly active: boolean;
}

function BubbleMenu({ item, active }: BubbleMenuProps) {
  const actions = useMessageActions(item);
  return (
    <Menu
      className="bubble-menu"
      label={texts.timeline.actions}
      icon={<ChevronDown size={18} aria-hidden />}
      items={actions}
      tabIndex={active ? 0 : -1}
    />
  );
}
