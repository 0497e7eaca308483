import type { ProfileReader } from '@parley/backend-common/domain';
import { isolate, LIMITS, type Now } from '@parley/common';
import type { PartnerEvent, PublicProfile } from '@parley/common/contract';

import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { MemberDocument } from '../conversations/member-document.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { MessageDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { MessageRepository, UnreadMessage } from './message-repository.ts';
import type { PushDocument } from './outbox/push-document.ts';
import type { ForegroundUsers, PushBlocks, PushContent } from './ports.ts';

interface ComposerDeps {
  readonly members: Pick<MemberRepository, 'find'>;
  readonly conversations: Pick<ConversationRepository, 'find'>;
  readonly entries: Pick<EntryRepository, 'findMessage'>;
  readonly messages: Pick<MessageRepository, 'unread'>;
  readonly profiles: Pick<ProfileReader, 'find'>;
  readonly blocks: PushBlocks;
  readonly foreground: ForegroundUsers;
  readonly now: Now;
}

/** A push that is ready to be sent. */
export interface ComposedPush {
  readonly content: PushContent;
  /** `seq` of the oldest message, or `timestamp` of the partner event, that it is about. */
  readonly from: number;
}

/** Composes a push right before it is sent, from the state at that moment. */
export class PushComposer {
  readonly #deps: ComposerDeps;

  constructor(deps: ComposerDeps) {
    this.#deps = deps;
  }

  /** The push for a document of the outbox; `undefined` if it is no longer needed. */
  async compose(document: PushDocument): Promise<ComposedPush | undefined> {
    const { conversationId, event, userId } = document;
    const user = await this.#deps.profiles.find(userId);
    if (user === undefined || user.profile.deleted) return undefined;
    const { previews } = user.notifications;
    if (conversationId !== null) return this.#composeMessages(document, conversationId, previews);
    return event === undefined ? undefined : this.#composePartnerEvent(userId, event, previews);
  }

  async #composeMessages(
    document: PushDocument,
    conversationId: string,
    previews: boolean,
  ): Promise<ComposedPush | undefined> {
    const { seq, userId } = document;
    const member = await this.#deps.members.find(conversationId, userId);
    if (member === null || (await this.#isCancelled(document, member))) return undefined;
    const after = Math.max(member.readSeq, member.joinedSeq);
    const found = await this.#deps.messages.unread(conversationId, {
      ...{ userId, after, upTo: seq, limit: LIMITS.unreadCountMax },
    });
    const unread = await this.#withoutBlocked(userId, found);
    const newest = unread[0];
    // What was pushed already is not pushed again when what came after it was deleted.
    if (newest !== undefined && newest.seq <= (document.pushed?.seq ?? 0)) return undefined;
    const message = newest && (await this.#deps.entries.findMessage(conversationId, newest._id));
    if (message === undefined || message === null || message.deletedSeq !== undefined)
      return undefined;
    const data = {
      ...{ type: 'message', conversationId, messageId: message._id, senderId: message.senderId },
      ...{ seq: String(message.seq), count: String(unread.length) },
    };
    const shown = previews
      ? await this.#preview(conversationId, message, unread.length)
      : { title: 'Parley', body: countOf(unread.length) };
    return { content: { data, shown, tag: conversationId }, from: unread.at(-1)?.seq ?? seq };
  }

  /** Whether the last push to a user shows nothing but messages that were deleted or read since. */
  async isOutdated({ conversationId, deletedSeq, pushed, userId }: PushDocument): Promise<boolean> {
    if (conversationId === null || pushed === undefined) return false;
    const member = await this.#deps.members.find(conversationId, userId);
    const after = Math.max(pushed.from - 1, member?.readSeq ?? 0);
    const left = await this.#deps.messages.unread(conversationId, {
      ...{ userId, after, upTo: pushed.seq, limit: LIMITS.unreadCountMax },
    });
    // The newest deletion may not have reached the stored message yet.
    const shown = left.filter(({ seq }) => seq !== deletedSeq);
    return (await this.#withoutBlocked(userId, shown)).length === 0;
  }

  async #isCancelled({ isAway, seq, userId }: PushDocument, member: MemberDocument) {
    const { foreground, now } = this.#deps;
    if (!member.present || member.readSeq >= seq) return true;
    if ((member.settings.mutedUntil ?? 0) > now()) return true;
    if (member.deliveredSeq < seq) return false;
    // An app in the background acknowledged it, and the user sees nothing, unless it is in the foreground by now.
    return !isAway || ((await foreground.inForeground([userId]))?.has(userId) ?? false);
  }

  /** Without the messages of users whom this user blocks, or who block this user. Keeps the order. */
  async #withoutBlocked(userId: string, found: readonly UnreadMessage[]): Promise<UnreadMessage[]> {
    const senders = [...new Set(found.map(({ senderId }) => senderId))];
    const blocked = await this.#deps.blocks.among(userId, senders);
    return found.filter(({ senderId }) => !blocked.has(senderId));
  }

  async #preview(
    conversationId: string,
    message: MessageDocument,
    count: number,
  ): Promise<{ title: string; body: string }> {
    const { conversations, profiles } = this.#deps;
    const [conversation, sender] = await Promise.all([
      conversations.find(conversationId),
      profiles.find(message.senderId),
    ]);
    const name = nameOf(sender?.profile);
    const text = message.text ?? 'Sent a file';
    const isGroup = conversation?.kind === 'group';
    if (count > 1)
      return { title: isGroup ? (conversation.title ?? name) : name, body: countOf(count) };
    return isGroup
      ? { title: conversation.title ?? name, body: `${isolate(name)}: ${text}` }
      : { title: name, body: text };
  }

  async #composePartnerEvent(
    userId: string,
    event: PartnerEvent,
    previews: boolean,
  ): Promise<ComposedPush | undefined> {
    const { blocks, foreground, profiles } = this.#deps;
    const { partnerId, timestamp } = event;
    if ((await foreground.inForeground([userId]))?.has(userId) === true) return undefined;
    if ((await blocks.among(userId, [partnerId])).has(partnerId)) return undefined;
    const data = Object.fromEntries(
      Object.entries({ ...event, type: 'partner', event: event.type, seq: timestamp })
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, String(value)]),
    );
    const name = previews ? nameOf((await profiles.find(partnerId))?.profile) : 'Parley';
    const shown = { title: name, body: previews ? descriptionOf(event) : 'News of your partner' };
    return { content: { data, shown, tag: 'partner' }, from: timestamp };
  }
}

function nameOf(profile: PublicProfile | undefined): string {
  return profile?.displayName ?? (profile?.username ? `@${profile.username}` : 'Somebody');
}

function countOf(count: number): string {
  if (count === 1) return 'New message';
  return count >= LIMITS.unreadCountMax ? `${count}+ new messages` : `${count} new messages`;
}

function descriptionOf(event: PartnerEvent): string {
  switch (event.type) {
    case 'PARTNER_LINKED':
      return 'is your partner now';
    case 'PARTNER_UNLINKED':
      return 'is no longer your partner';
    case 'PARTNER_STATUS_CHANGED':
      return `is ${event.status.toLowerCase()}`;
    default:
      return event satisfies never;
  }
}
