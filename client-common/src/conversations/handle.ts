import type { Member } from '@parley/common/contract';

import type { ConversationHandle } from '../api/conversation.ts';
import type { Context } from '../context.ts';
import type { PendingState } from '../outbox/pending.ts';
import { checkText } from './check-text.ts';
import { compose } from './compose.ts';
import type { Conversation } from './conversation.ts';

export type HandleContext = Pick<
  Context,
  'runtime' | 'requests' | 'outbox' | 'refresher' | 'selfId'
>;

type Group<Name extends keyof ConversationHandle> = Pick<ConversationHandle, Name>;

/** Makes what an app holds of a conversation. Its functions need no `this`. */
export function createHandle(
  conversation: Conversation,
  context: HandleContext,
): ConversationHandle {
  const { id, timeline } = conversation;
  return {
    id,
    info: conversation.info,
    timeline: timeline.snapshot,
    members: conversation.members,
    receipts: conversation.receipts,
    typing: conversation.typingUsers,
    draft: conversation.draft,
    ...writing(conversation, context),
    loadOlder: () => timeline.loadOlder(),
    loadNewer: () => timeline.loadNewer(),
    jumpToNewest: () => timeline.jumpToNewest(),
    jumpTo: (seq) => timeline.jumpTo(seq),
    reload: () => timeline.want(),
    setView: (firstSeq, lastSeq) => timeline.setView(firstSeq, lastSeq),
    markRead: (seq = timeline.lastSeq) =>
      conversation.read(Math.min(seq, conversation.position.lastSeq)),
    ...changing(conversation, context),
  };
}

function writing(
  conversation: Conversation,
  context: HandleContext,
): Group<'setDraft' | 'setTyping' | 'send' | 'retry' | 'discard'> {
  const { lane, typing } = conversation;
  const { runtime, outbox } = context;
  return {
    setDraft: (text) => conversation.setDraft(text),
    setTyping: (isTyping) => typing.tell(isTyping ? 'typing' : 'stopped'),
    send: (text, { replyTo } = {}) => {
      const clientId = compose(conversation, context, { text: checkText(text), replyTo });
      typing.sent();
      conversation.setDraft('');
      return clientId;
    },
    retry: (clientId) => {
      lane.retry(clientId, (failed) => ({
        ...failed,
        // The server may know the old key for another content.
        clientId: isReused(failed.state) ? runtime.newClientId() : failed.clientId,
        order: outbox.nextOrder(),
        state: { name: 'waiting', tried: true, failures: 0 },
      }));
    },
    discard: (clientId) => lane.discard(clientId),
  };
}

function isReused(state: PendingState): boolean {
  return state.name === 'failed' && state.delivery.code === 'client_id_reused';
}

function changing(
  conversation: Conversation,
  context: HandleContext,
): Group<
  | 'deleteMessage'
  | 'updateTitle'
  | 'addMembers'
  | 'removeMember'
  | 'setRole'
  | 'leave'
  | 'loadMembers'
  | 'setSettings'
> {
  const { id: conversationId } = conversation;
  const { requests, runtime, refresher } = context;
  const base = () => ({ conversationId, clientId: runtime.newClientId() });
  // The answers do not say where the log stands now, and the sender gets no event.
  const refresh = () => refresher.now(conversation);
  return {
    deleteMessage: async (messageId) => {
      conversation.takeEntry(await requests.call('message:delete', { ...base(), messageId }));
    },
    updateTitle: async (title) => {
      const input = { ...base(), title };
      conversation.takeItem(await requests.call('conversation:update', input));
    },
    addMembers: async (userIds) => {
      await requests.call('member:add', { ...base(), userIds: [...userIds] });
      await refresh();
    },
    removeMember: async (userId) => {
      await requests.call('member:remove', { ...base(), userId });
      await refresh();
    },
    setRole: async (userId, role) => {
      await requests.call('member:role', { ...base(), userId, role });
      await refresh();
    },
    leave: async () => {
      await requests.call('member:remove', { ...base(), userId: context.selfId });
      conversation.remove();
    },
    loadMembers: async () =>
      conversation.takeAllMembers(await allMembers(requests, conversationId)),
    setSettings: async (settings) => {
      const before = conversation.state?.item.settings;
      if (before) conversation.takeSettings({ ...before, ...settings });
      try {
        const input = { conversationId, ...settings };
        conversation.takeSettings(await requests.call('conversation:settings', input));
      } catch (thrown) {
        if (before) conversation.takeSettings(before);
        throw thrown;
      }
    },
  };
}

async function allMembers(
  requests: Context['requests'],
  conversationId: string,
): Promise<readonly Member[]> {
  const all: Member[] = [];
  let cursor: string | null = null;
  do {
    const from: { cursor?: string } = cursor === null ? {} : { cursor };
    const input = { conversationId, limit: 200, ...from };
    const page: { members: Member[]; nextCursor: string | null } = await requests.call(
      'member:list',
      input,
    );
    all.push(...page.members);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}
