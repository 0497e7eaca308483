import './details.css';

import type { ConversationHandle, ConversationSummary } from '@parley/client-common';
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';

import { useHandle, useReadable } from '../../client-context.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Switch } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { BlockButton } from '../blocks/block-button.tsx';
import { PresenceText } from '../conversations/conversation-head.tsx';
import { conversationName, handleOf } from '../people/person-name.ts';
import { PartnerLine } from '../partner/partner-line.tsx';
import { GroupTitle } from './group-title.tsx';
import { LeaveButton } from './leave-button.tsx';
import { MemberSection } from './member-section.tsx';
import { MuteRow } from './mute-row.tsx';

/** The third column: the members and the settings of a conversation. */
export function DetailsPane({ conversationId }: { readonly conversationId: string }) {
  const handle = useHandle(conversationId);
  const info = useReadable(handle.info);
  const navigation = useNavigation();
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus({ preventScroll: true }), []);
  if (info === null) return null;
  const group = info.kind === 'group';
  return (
    <>
      <header className="pane-head">
        <IconButton
          ref={close}
          label={texts.conversation.closeDetails}
          onClick={() => navigation.close({ details: false })}
        >
          <X size={22} aria-hidden />
        </IconButton>
        <h2 className="pane-title">
          {group ? texts.details.groupTitle : texts.details.personTitle}
        </h2>
      </header>
      <div className="pane-body scroll" tabIndex={-1}>
        {group ? <GroupTitle handle={handle} info={info} /> : <Person info={info} />}
        <SettingSwitches handle={handle} info={info} />
        {group && <MemberSection handle={handle} info={info} />}
        {group && <LeaveButton handle={handle} info={info} />}
        {info.peer !== null && !info.peer.deleted && <BlockButton person={info.peer} />}
      </div>
    </>
  );
}

function Person({ info }: { readonly info: ConversationSummary }) {
  const name = conversationName(info);
  return (
    <div className="details-top">
      <Avatar id={info.peer?.id ?? info.id} name={name} size="huge" />
      <p className="details-name">
        <bdi>{name}</bdi>
      </p>
      <p className="quiet" dir="ltr">
        {handleOf(info.peer)}
      </p>
      {info.peer !== null && <PresenceText userId={info.peer.id} unknown=" " />}
      {info.peer !== null && <PartnerLine userId={info.peer.id} />}
    </div>
  );
}

interface SettingSwitchesProps {
  readonly handle: ConversationHandle;
  readonly info: ConversationSummary;
}

function SettingSwitches({ handle, info }: SettingSwitchesProps) {
  const { attempt } = useNotice();
  const { settings } = info;
  return (
    <div className="details-section">
      <MuteRow info={info} />
      <Switch
        label={texts.details.pinned}
        checked={settings.pinned}
        onChange={(pinned) => attempt(handle.setSettings({ pinned }))}
      />
      <Switch
        label={texts.details.archived}
        checked={settings.archived}
        onChange={(archived) => attempt(handle.setSettings({ archived }))}
      />
    </div>
  );
}
