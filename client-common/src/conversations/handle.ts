import { toMessageText } from '@parley/common';
import type { Member, OperationOutput } from '@parley/common/contract';

import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';
import type { OutgoingState } from '../outbox/outgoing-message.ts';
import type { Refresher } from '../sync/refresher.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationHandle } from './types.ts';

export interface HandleDeps {
  readonly self: { readonly id: string };
  readonly runtime: Pick<Runtime, 'newClientId'>;
  readonly requests: Pick<Requests, 'call'>;
  readonly refresher: Pick<Refresher, 'now'>;
}

type Group<Name extends keyof ConversationHandle> = Pick<ConversationHandle, Name>;

/** Makes what an app uses of a conversation. Its functions need no `this`. */
export function createHandle(conversation: Conversation, deps: HandleDeps): ConversationHandle {
  const { id, timeline } = conversation;
  return {
    id,
    ...conversation.snapshots,
    timeline: timeline.snapshot,
    ...writing(conversation, deps),
    loadOlder: () => timeline.loadOlder(),
    loadNewer: () => timeline.loadNewer(),
    jumpToNewest: () => timeline.jumpToNewest(),
    jumpTo: (seq) => timeline.jumpTo(seq),
    reload: () => timeline.activate(),
    setView: (firstSeq, lastSeq) => timeline.setView(firstSeq, lastSeq),
    markRead: (seq = timeline.lastSeq) =>
      conversation.read(Math.min(seq, conversation.position.lastSeq)),
    ...changing(conversation, deps),
  };
}

function writing(
  conversation: Conversation,
  { runtime }: HandleDeps,
): Group<'setDraft' | 'setTyping' | 'send' | 'retry' | 'discard'> {
  const { queue, typing } = conversation;
  return {
    setDraft: (text) => conversation.setDraft(text),
    setTyping: (isTyping) => typing.set(isTyping),
    send: (text, { replyTo } = {}) => {
      const clientId = conversation.compose({ text: toMessageText(text), replyTo });
      typing.sent();
      conversation.setDraft('');
      return clientId;
    },
    retry: (clientId) => {
      queue.retry(clientId, (failed) => ({
        ...failed,
        // The server has the old key with other content.
        clientId: isReused(failed.state) ? runtime.newClientId() : failed.clientId,
        state: { name: 'waiting', tried: true, failures: 0 },
      }));
    },
    discard: (clientId) => queue.discard(clientId),
  };
}

function isReused(state: OutgoingState): boolean {
  return state.name === 'failed' && state.delivery.code === 'client_id_reused';
}

function changing(
  conversation: Conversation,
  { self, requests, runtime, refresher }: HandleDeps,
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
  const base = () => ({ conversationId, clientId: runtime.newClientId() });
  // The answers do not name the newest `seq`, and the sender gets no event.
  const refresh = () => refresher.now(conversation);
  return {
    deleteMessage: async (messageId) => {
      conversation.applyEntry(await requests.call('message:delete', { ...base(), messageId }));
    },
    updateTitle: async (title) => {
      const input = { ...base(), title };
      conversation.applyItem(await requests.call('conversation:update', input));
    },
    addMembers: (userIds) =>
      requests.call('member:add', { ...base(), userIds: [...userIds] }).then(refresh),
    removeMember: (userId) => requests.call('member:remove', { ...base(), userId }).then(refresh),
    setRole: (userId, role) =>
      requests.call('member:role', { ...base(), userId, role }).then(refresh),
    leave: async () => {
      await requests.call('member:remove', { ...base(), userId: self.id });
      conversation.remove();
      conversation.setDraft('');
    },
    loadMembers: async () => {
      const members = await allMembers(requests, conversationId);
      conversation.applyMembers({ members, complete: true });
    },
    setSettings: async (settings) => {
      const before = conversation.state?.item.settings;
      if (before) conversation.applySettings({ ...before, ...settings });
      try {
        const input = { conversationId, ...settings };
        conversation.applySettings(await requests.call('conversation:settings', input));
      } catch (thrown) {
        if (before) conversation.applySettings(before);
        throw thrown;
      }
    },
  };
}

async function allMembers(
  requests: Pick<Requests, 'call'>,
  conversationId: string,
): Promise<readonly Member[]> {
  const all: Member[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const input = { conversationId, limit: 200, cursor };
    const page: OperationOutput<'member:list'> = await requests.call('member:list', input);
    all.push(...page.members);
    cursor = page.nextCursor;
  }
  return all;
}
