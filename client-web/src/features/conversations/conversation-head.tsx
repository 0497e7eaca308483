import type { ConversationHandle, ConversationSummary } from '@parley/client-common';
import type { PublicProfile } from '@parley/common/contract';
import { ArrowLeft, Info } from 'lucide-react';
import { useMemo } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { useNavigation, useRoute } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/button.tsx';
import { agoText } from '../../ui/time-text.ts';
import { useBlocked } from '../blocks/use-blocked.ts';
import { PartnerLine } from '../partner/partner-line.tsx';
import { usePartner } from '../partner/use-status.ts';
import { conversationName, handleOf } from '../people/person-name.ts';
import { useDistinctNames } from '../people/use-distinct-names.ts';

export interface ConversationHeadProps {
  readonly handle: ConversationHandle;
  readonly info: ConversationSummary;
}

/** The conversation's name, presence or typing indicator, and the button that opens the details. */
export function ConversationHead({ handle, info }: ConversationHeadProps) {
  const navigation = useNavigation();
  const { details } = useRoute();
  const name = conversationName(info);
  const toggle = () =>
    details ? navigation.close({ details: false }) : navigation.go({ details: true });
  return (
    <header className="pane-head conversation-head">
      <BackButton />
      <div className="conversation-title">
        <Avatar
          id={info.peer?.id ?? info.id}
          name={name}
          size="large"
          group={info.kind === 'group'}
        />
        <div className="conversation-text">
          <h2 className="conversation-name">
            <button type="button" className="conversation-open truncate" onClick={toggle}>
              <bdi>{name}</bdi>
            </button>
          </h2>
          <Subtitle handle={handle} info={info} />
        </div>
      </div>
      <IconButton
        label={texts.conversation.details}
        data-opens="details"
        aria-expanded={details}
        onClick={toggle}
      >
        <Info size={22} aria-hidden />
      </IconButton>
    </header>
  );
}

function BackButton() {
  const navigation = useNavigation();
  return (
    <span className="only-narrow">
      <IconButton
        label={texts.common.back}
        onClick={() => navigation.close({ conversationId: null, details: false })}
      >
        <ArrowLeft className="icon-mirror" size={22} aria-hidden />
      </IconButton>
    </span>
  );
}

function Subtitle({ handle, info }: ConversationHeadProps) {
  const typing = useReadable(handle.typing);
  const nameOf = useDistinctNames(
    useMemo(() => new Set(typing), [typing]),
    { handle, isGroup: info.kind === 'group' },
  );
  if (typing.length > 0) {
    const text =
      info.kind === 'group'
        ? texts.conversation.isTyping(typing.map(nameOf))
        : texts.conversation.typing;
    return <span className="conversation-status is-typing truncate">{text}</span>;
  }
  if (info.peer !== null) return <PeerStatus peer={info.peer} />;
  return (
    <span className="conversation-status truncate">
      {info.kind === 'group' ? texts.conversation.members(info.memberCount) : ' '}
    </span>
  );
}

/** The other user's partner status and presence. */
function PeerStatus({ peer }: { readonly peer: PublicProfile }) {
  if (useBlocked(peer.id)) {
    return <span className="conversation-status truncate">{texts.blocks.blocked}</span>;
  }
  return (
    <span className="conversation-peer">
      <PartnerLine userId={peer.id} />
      <PresenceText userId={peer.id} unknown={handleOf(peer)} />
    </span>
  );
}

export interface PresenceTextProps {
  readonly userId: string;
  /** Shown while the presence is unknown. */
  readonly unknown: string;
}

/**
 * Whether a user is online, or when they were last seen. Nothing for a partner who is online: their status is shown
 * next to it, and “Offline until 14:30 · Online” would contradict itself.
 */
export function PresenceText({ userId, unknown }: PresenceTextProps) {
  const client = useClient();
  const isPartner = usePartner()?.id === userId;
  const { online, lastSeenAt } = useReadable(
    useMemo(() => client.presence(userId), [client, userId]),
  );
  if (isPartner && online === true) return null;
  const text =
    online === true
      ? texts.conversation.online
      : lastSeenAt === null
        ? unknown
        : texts.conversation.lastSeen(agoText(lastSeenAt, client.now()));
  return (
    <span className="conversation-status truncate">
      <bdi>{text}</bdi>
    </span>
  );
}
