import { LIMITS } from '@parley/common';
import type {
  ConversationItem,
  Entry,
  Head,
  Message,
  MessageEntry,
  PublicProfile,
  Receipt,
  Settings,
} from '@parley/common/contract';

import type { MemberList } from '../api/conversation.ts';
import { Coverage } from '../timeline/coverage.ts';
import { GONE } from '../timeline/window.ts';
import { NO_MEMBERS } from './members.ts';
import { OwnMarks } from './own-marks.ts';
import { Receipts } from './receipts.ts';
import { Unread } from './unread.ts';

/** What a comparison with the server's head says: nothing new, new entries, or also new members or title. */
export type Comparison = 'same' | 'moved' | 'changed';

/**
 * What this device knows of a conversation: what the server said, kept up with what came since.
 * Everything it takes may come twice and in any order.
 */
export class ConversationState {
  readonly coverage = new Coverage();
  readonly marks = new OwnMarks();
  readonly unread = new Unread();
  readonly receipts = new Receipts();
  readonly #selfId: string;
  #item: ConversationItem;
  #members: MemberList = NO_MEMBERS;
  /** Title, role and count of members are known as of this `seq`. */
  #infoSeq = 0;
  /** The members are known as of this `seq`. */
  #membersSeq = 0;
  #isStale = false;

  constructor(item: ConversationItem, selfId: string) {
    this.#item = item;
    this.#selfId = selfId;
    this.coverage.reset(item.joinedSeq - 1);
    this.takeItem(item);
  }

  get item(): ConversationItem {
    return this.#item;
  }

  get members(): MemberList {
    return this.#members;
  }

  /** What a server would answer now, as far as is known: for the cache. */
  toItem(): ConversationItem {
    const receipts = [...this.receipts.byUser.values()];
    const { count: unreadCount } = this.unread;
    return { ...this.#item, unreadCount, readSeq: this.marks.storedRead, receipts };
  }

  /** Whether something came that only the server can explain: profiles, successions, a count. */
  get isStale(): boolean {
    return this.#isStale || !this.unread.isCertain;
  }

  /** Takes the conversation as the server has it. What is known to be newer stays. */
  takeItem(item: ConversationItem): void {
    const before = this.#item;
    this.#item = item.lastSeq >= before.lastSeq ? item : { ...item, ...newerParts(before) };
    if (item.lastSeq >= this.#infoSeq) {
      this.#infoSeq = item.lastSeq;
      this.#isStale = false;
    }
    this.coverage.raise(item.deliveredSeq);
    this.marks.stored(item);
    this.unread.counted(item.lastSeq, item.unreadCount, item.readSeq);
    this.unread.read(this.marks.read);
    if (item.receipts !== undefined || item.memberCount > LIMITS.receiptsInConversation) {
      const others = (item.receipts ?? []).filter(({ userId }) => userId !== this.#selfId);
      this.receipts.replace(others);
    }
  }

  /** Takes the first members, or all, as they were at `lastSeq`. */
  takeMembers(members: MemberList): void {
    this.#members = members;
    this.#membersSeq = this.#item.lastSeq;
  }

  /** Takes what a person is called now; answers whether that person stands in here. */
  takeProfile(profile: PublicProfile): boolean {
    const { id } = profile;
    const { members, complete } = this.#members;
    const isPeer = this.#item.peer?.id === id;
    const isMember = members.some(({ userId }) => userId === id);
    if (isPeer) this.#item = { ...this.#item, peer: profile };
    if (isMember) {
      const renewed = members.map((each) => (each.userId === id ? { ...each, profile } : each));
      this.#members = { members: renewed, complete };
    }
    return isPeer || isMember;
  }

  takeHead(head: Head): Comparison {
    const moved = head.lastSeq > this.#item.lastSeq;
    const lastSeq = Math.max(this.#item.lastSeq, head.lastSeq);
    this.#item = { ...this.#item, lastSeq, settings: head.settings };
    this.takeOwnMarks(head);
    const known = this.#members === NO_MEMBERS ? this.#infoSeq : this.#membersSeq;
    if (head.version > known) return 'changed';
    return moved ? 'moved' : 'same';
  }

  takeReceipt(receipt: Receipt): void {
    if (receipt.userId === this.#selfId) this.takeOwnMarks(receipt);
    else this.receipts.raise(receipt);
  }

  /** The own marks as the server has them, moved by any device. */
  takeOwnMarks(marks: Pick<Receipt, 'deliveredSeq' | 'readSeq'>): void {
    this.marks.stored(marks);
    this.coverage.raise(marks.deliveredSeq);
    this.unread.read(marks.readSeq);
  }

  takeSettings(settings: Settings): void {
    this.#item = { ...this.#item, settings };
  }

  /** This person reads up to `seq`. */
  read(seq: number): void {
    const { settings } = this.#item;
    this.marks.want(seq, settings.unread ? 'flagged' : 'unflagged');
    if (settings.unread) this.takeSettings({ ...settings, unread: false });
    this.unread.read(this.marks.read);
  }

  takeEntry(entry: Entry): void {
    const { lastSeq, lastAt } = this.#item;
    if (entry.seq > lastSeq) {
      this.#item = { ...this.#item, lastSeq: entry.seq, lastAt: Math.max(lastAt, entry.at) };
    }
    if (entry.kind === 'message') this.#takeMessage(entry);
    else if (entry.kind === 'deletion') this.#takeDeletion(entry.messageSeq, entry.at);
    else if (entry.seq > this.#infoSeq) this.#takeInfo(entry);
  }

  #takeMessage(entry: MessageEntry): void {
    if (entry.senderId !== this.#selfId && !entry.deleted) this.unread.received(entry.seq);
    if (entry.seq > (this.#item.lastMessage?.seq ?? 0)) {
      this.#item = { ...this.#item, lastMessage: toMessage(entry) };
    }
  }

  #takeDeletion(messageSeq: number, at: number): void {
    this.unread.deleted(messageSeq);
    const last = this.#item.lastMessage;
    if (last?.seq === messageSeq && last.deletedAt === null) {
      this.#item = { ...this.#item, lastMessage: { ...last, ...GONE, deletedAt: at } };
    }
  }

  /** The server is asked again: it knows members, their profiles and marks, and who succeeds an owner. */
  #takeInfo(entry: Entry): void {
    if (entry.kind === 'title') this.#item = { ...this.#item, title: entry.title };
    if (entry.kind === 'title' || entry.kind === 'members') {
      this.#infoSeq = entry.seq;
      this.#isStale = true;
    }
  }
}

/** What live entries may have moved beyond the state that the server answers. */
function newerParts(item: ConversationItem): Partial<ConversationItem> {
  const { lastSeq, lastAt, lastMessage } = item;
  return { lastSeq, lastAt, lastMessage };
}

function toMessage(entry: MessageEntry): Message {
  return {
    ...entry,
    replyTo: null,
    editedAt: null,
    deletedAt: entry.deleted ? entry.at : null,
    reactions: [],
    revision: entry.seq,
  };
}
