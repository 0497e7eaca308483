import type { ConversationSummary } from '@parley/client-common';
import { BellOff, ChevronDown, Pin } from 'lucide-react';
import { memo, useMemo } from 'react';

import { useClient } from '../../client-context.ts';
import { formatRoute, HOME } from '../../route.ts';
import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Menu } from '../../ui/menu.tsx';
import { Ticks } from '../../ui/ticks.tsx';
import { listTimeText } from '../../ui/time-text.ts';
import { useRowMenu } from '../../ui/use-row-menu.ts';
import { PartnerAvatar } from '../partner/partner-avatar.tsx';
import { statusText } from '../partner/status-text.ts';
import { usePartner } from '../partner/use-status.ts';
import { conversationName } from '../people/person-name.ts';
import { useNames } from '../people/use-names.ts';
import { useConversationActions } from './conversation-actions.tsx';
import { muteText } from './mute.ts';
import { peopleInPreview, previewOf } from './preview-text.ts';
import { useMuted } from './use-muted.ts';

export interface ConversationRowProps {
  readonly info: ConversationSummary;
  readonly selected: boolean;
  /** Whether Tab stops at this row; the arrow keys reach the others. */
  readonly tabStop: boolean;
  /** Changes at midnight, so that relative dates stay correct. */
  readonly today: number;
  readonly onOpen: (conversationId: string) => void;
}

/** One conversation in the list: a link to it and its menu. */
export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { info, selected, tabStop, onOpen } = props;
  const name = conversationName(info);
  const actions = useConversationActions(info);
  const muted = useMuted(info.settings);
  const rowMenu = useRowMenu();
  const isHighlighted = info.unreadCount > 0 && !muted;
  return (
    <div
      className={classNames('row', selected && 'row-selected', isHighlighted && 'row-news')}
      {...rowMenu}
    >
      <a
        className="row-link"
        href={formatRoute({ ...HOME, conversationId: info.id })}
        aria-current={selected ? 'page' : undefined}
        tabIndex={tabStop ? 0 : -1}
        data-conversation={info.id}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          onOpen(info.id);
        }}
      >
        <RowAvatar info={info} name={name} />
        <RowText info={info} name={name} muted={muted} selected={selected} today={props.today} />
      </a>
      <Menu
        className="row-menu"
        label={texts.list.options}
        icon={<ChevronDown size={20} aria-hidden />}
        items={actions}
        tabIndex={tabStop ? 0 : -1}
      />
    </div>
  );
});

/** The avatar of the partner shows the status, as on the partner card. An online dot beside it could contradict it. */
function RowAvatar({ info, name }: Pick<RowTextProps, 'info' | 'name'>) {
  const partner = usePartner();
  if (partner !== null && partner.id === info.peer?.id) {
    return <PartnerAvatar partner={partner} size="medium" />;
  }
  return (
    <Avatar
      id={info.peer?.id ?? info.id}
      name={name}
      group={info.kind === 'group'}
      online={info.presence?.online ?? undefined}
    />
  );
}

function RowName({ info, name, muted }: Pick<RowTextProps, 'info' | 'name' | 'muted'>) {
  const mute = muteText(info.settings, useClient().now());
  return (
    <span className="row-name">
      <bdi className="truncate">{name}</bdi>
      {muted && (
        <span className="row-mark" role="img" aria-label={mute} title={mute}>
          <BellOff size={15} aria-hidden />
        </span>
      )}
      <RowPresence info={info} />
    </span>
  );
}

/** What the mark of the avatar says, for those who cannot see it. */
function RowPresence({ info }: Pick<RowTextProps, 'info'>) {
  const partner = usePartner();
  const client = useClient();
  const isPartner = partner !== null && partner.id === info.peer?.id;
  const online = info.presence?.online === true ? texts.list.online : null;
  const text = isPartner ? statusText(partner, client.now()) : online;
  return text === null ? null : <span className="visually-hidden">, {text}, </span>;
}

interface RowTextProps {
  readonly info: ConversationSummary;
  readonly name: string;
  readonly muted: boolean;
  readonly selected: boolean;
  readonly today: number;
}

function RowText({ info, name, muted, selected, today }: RowTextProps) {
  return (
    <span className="row-text">
      <span className="row-line">
        <RowName info={info} name={name} muted={muted} />
        {info.lastMessage !== null && (
          <time className="row-time">
            <bdi>{listTimeText(info.lastMessage.at, today)}</bdi>
          </time>
        )}
      </span>
      <span className="row-line">
        <RowPreview info={info} open={selected} />
        <RowMarks info={info} muted={muted} />
      </span>
    </span>
  );
}

interface RowPreviewProps {
  readonly info: ConversationSummary;
  /** Whether the conversation is open: then its draft is shown in the composer, not here. */
  readonly open: boolean;
}

function RowPreview({ info, open }: RowPreviewProps) {
  const nameOf = useNames(
    useMemo(() => peopleInPreview(info), [info]),
    '',
  );
  const preview = previewOf(open ? { ...info, draft: '' } : info, nameOf);
  const last = info.lastMessage;
  const delivery = preview.kind === 'message' && last?.deleted === false ? last.delivery : null;
  return (
    <span className={`row-preview row-preview-${preview.kind}`}>
      {delivery !== null && <Ticks state={delivery.state} />}
      {preview.kind === 'draft' && <span className="row-draft">{texts.list.draft}: </span>}
      <bdi className="truncate">{preview.text}</bdi>
    </span>
  );
}

/** The badge at the end of the second line: unread messages, otherwise the pin. */
function RowMarks({ info, muted }: Pick<RowTextProps, 'info' | 'muted'>) {
  const badge = classNames('badge', muted && 'badge-quiet');
  const count = info.unreadCount;
  if (count > 0) {
    return (
      <span className={badge}>
        <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
        <span className="visually-hidden">{texts.list.unread(count)}</span>
      </span>
    );
  }
  if (info.settings.unread) {
    return (
      <span className={classNames(badge, 'badge-dot')}>
        <span className="visually-hidden">{texts.list.markedUnread}</span>
      </span>
    );
  }
  return info.settings.pinned ? (
    <Pin className="row-mark" size={15} role="img" aria-label={texts.list.pinned} />
  ) : null;
}
