import type { ConversationHandle, ConversationSummary, MessageItem } from '@parley/client-common';
import { MessagesSquare, SearchX } from 'lucide-react';
import { type RefObject, useMemo } from 'react';

import { useClient, useHandle, useReadable } from '../../client-context.ts';
import { useNavigation, useSelf } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useNarrow } from '../../ui/use-narrow.ts';
import { useNotice } from '../../ui/notice.tsx';
import { BlockedNotice } from '../blocks/blocked-notice.tsx';
import { useBlocked } from '../blocks/use-blocked.ts';
import { Composer } from '../composer/composer.tsx';
import { ConversationLightbox } from '../attachments/conversation-lightbox.tsx';
import { OutgoingFilesView, useOutgoingFiles } from '../attachments/outgoing-files.tsx';
import { MessageInfo } from '../delivery/message-info.tsx';
import { useDistinctNames } from '../people/use-distinct-names.ts';
import { TimelineContext } from '../timeline/timeline-context.ts';
import { Timeline } from '../timeline/timeline.tsx';
import { peopleIn } from '../timeline/use-rows.ts';
import { useTimelineView } from '../timeline/use-timeline-view.ts';
import { KeptDraft } from '../composer/kept-draft.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { ConversationHead } from './conversation-head.tsx';
import { type MessageActionsState, useMessageActions } from './use-message-actions.ts';

export interface ConversationPaneProps {
  readonly conversationId: string;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
}

/** The second column: the open conversation. */
export function ConversationPane({ conversationId, fieldRef }: ConversationPaneProps) {
  const handle = useHandle(conversationId);
  const info = useReadable(handle.info);
  const list = useReadable(useClient().conversations);
  if (info !== null) return <OpenConversation handle={handle} info={info} fieldRef={fieldRef} />;
  return list.status === 'loading' ? null : <MissingConversation handle={handle} />;
}

interface OpenConversationProps {
  readonly handle: ConversationHandle;
  readonly info: ConversationSummary;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
}

function OpenConversation({ handle, info, fieldRef }: OpenConversationProps) {
  const snapshot = useReadable(handle.timeline);
  const nameOf = useDistinctNames(
    useMemo(() => peopleIn(snapshot.items), [snapshot.items]),
    { handle, isGroup: info.kind === 'group' },
  );
  const view = useTimelineView({ handle, snapshot, info });
  const messages = useMessageActions({ handle, info, nameOf, fieldRef });
  const { replyTo, setReplyTo } = messages;
  const isBlocked = useBlocked(info.peer?.id ?? null);
  const files = useOutgoingFiles({
    conversationId: handle.id,
    replyTo,
    onText: (text) => {
      const before = handle.draft.get();
      handle.setDraft(before.trim() === '' ? text : `${before}\n${text}`);
    },
    onSent: () => {
      setReplyTo(null);
      view.jumpToNewest();
    },
    fieldRef,
  });
  const self = useSelf();
  const narrow = useNarrow();
  const { show } = view;
  const actions = useMemo(() => ({ ...messages.actions, show }), [messages.actions, show]);
  return (
    <TimelineContext value={actions}>
      <ConversationHead handle={handle} info={info} />
      {narrow && <BannerOver />}
      <ConversationLightbox items={snapshot.items}>
        <Timeline info={info} view={view} />
      </ConversationLightbox>
      {isBlocked && info.peer !== null ? (
        <BlockedNotice person={info.peer} />
      ) : (
        <>
          <Composer
            handle={handle}
            fieldRef={fieldRef}
            replyTo={replyTo}
            replyName={replyNameOf(replyTo, { selfId: self.id, nameOf })}
            onCancelReply={() => {
              setReplyTo(null);
              fieldRef.current?.focus();
            }}
            onSent={view.jumpToNewest}
            onFiles={files.offer}
            onTextFile={files.sendText}
          />
          <OutgoingFilesView files={files} />
        </>
      )}
      <MessageDialogs handle={handle} messages={messages} />
    </TimelineContext>
  );
}

interface MessageDialogsProps {
  readonly handle: ConversationHandle;
  readonly messages: MessageActionsState;
}

function MessageDialogs({ handle, messages }: MessageDialogsProps) {
  const { deleting, setDeleting, inspected, setInspected } = messages;
  return (
    <>
      {deleting !== null && (
        <DeleteDialog handle={handle} item={deleting} onClose={() => setDeleting(null)} />
      )}
      {inspected !== null && (
        <MessageInfo
          conversationId={handle.id}
          item={inspected}
          onClose={() => setInspected(null)}
        />
      )}
    </>
  );
}

/** Shows the connection banner when the list, its usual place, is hidden. It shifts no content. */
function BannerOver() {
  return (
    <div className="banner-over">
      <ConnectionBanner />
    </div>
  );
}

interface People {
  readonly selfId: string;
  readonly nameOf: (userId: string) => string;
}

function replyNameOf(item: MessageItem | null, { selfId, nameOf }: People): string {
  if (item === null) return '';
  return item.senderId === selfId ? texts.composer.yourself : nameOf(item.senderId);
}

interface DeleteDialogProps {
  readonly handle: ConversationHandle;
  readonly item: MessageItem;
  readonly onClose: () => void;
}

function DeleteDialog({ handle, item, onClose }: DeleteDialogProps) {
  const { attempt } = useNotice();
  return (
    <Confirm
      title={texts.timeline.deleteTitle}
      message={texts.timeline.deleteMessage}
      action={texts.timeline.deleteAction}
      onConfirm={() => {
        if (item.messageId !== null) attempt(handle.deleteMessage(item.messageId));
      }}
      onClose={onClose}
    />
  );
}

function MissingConversation({ handle }: { readonly handle: ConversationHandle }) {
  const navigation = useNavigation();
  const draft = useReadable(handle.draft);
  return (
    <EmptyState
      icon={<SearchX size={28} />}
      title={texts.conversation.missing}
      hint={texts.conversation.missingHint}
    >
      {draft.trim() !== '' && <KeptDraft text={draft} onDiscard={() => handle.setDraft('')} />}
      <Button onClick={() => navigation.replace({ conversationId: null, details: false })}>
        {texts.conversation.toList}
      </Button>
    </EmptyState>
  );
}

/** The placeholder of the second column while no conversation is open. */
export function NoConversation() {
  return (
    <EmptyState
      icon={<MessagesSquare size={28} />}
      title={texts.conversation.none}
      hint={texts.conversation.noneHint}
    />
  );
}
