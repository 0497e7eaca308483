import { CLIENT_LIMITS } from '@parley/common';
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

import { OwnMarks } from '../receipts/own-marks.ts';
import { Receipts } from '../receipts/receipts.ts';
import { Unread } from '../receipts/unread.ts';
import { DELETED_CONTENT } from '../timeline/entry-range.ts';
import { NO_MEMBERS } from './members.ts';
import { ReceivedEntries } from './received-entries.ts';
import type { MemberList } from './types.ts';

/**
 * What this device knows of a conversation: what the server answered, updated by what arrived since.
 * Everything may arrive twice and in any order.
 */
export class ConversationState {
  readonly received: ReceivedEntries;
  readonly marks = new OwnMarks();
  readonly unread = new Unread();
  readonly receipts = new Receipts();
  readonly #selfId: string;
  #item: ConversationItem;
  #members: MemberList = NO_MEMBERS;
  /** Title, role and number of members are known as of this `seq`. */
  #infoSeq = 0;
  /** The members are known as of this `seq`. */
  #membersSeq = 0;
  #isStale = false;

  constructor(item: ConversationItem, selfId: string) {
    this.#item = item;
    this.#selfId = selfId;
    this.received = new ReceivedEntries(item.joinedSeq - 1);
    this.applyItem(item);
  }

  get item(): ConversationItem {
    return this.#item;
  }

  get members(): MemberList {
    return this.#members;
  }

  /** What the server would answer now, as far as is known: for the cache. */
  toItem(): ConversationItem {
    const receipts = [...this.receipts.byUser.values()];
    const { count: unreadCount } = this.unread;
    return { ...this.#item, unreadCount, readSeq: this.marks.storedRead, receipts };
  }

  /** Whether something arrived that only the server can explain: profiles, a new owner, a count. */
  get isStale(): boolean {
    return this.#isStale || !this.unread.isCertain;
  }

  /** The conversation as the server has it. What is known to be newer stays. */
  applyItem(item: ConversationItem): void {
    const before = this.#item;
    this.#item = item.lastSeq >= before.lastSeq ? item : { ...item, ...newerParts(before) };
    if (item.lastSeq >= this.#infoSeq) {
      this.#infoSeq = item.lastSeq;
      this.#isStale = false;
    }
    this.received.addUpTo(item.deliveredSeq);
    this.marks.stored(item);
    this.unread.counted(item.lastSeq, item.unreadCount, item.readSeq);
    this.unread.read(this.marks.read);
    if (item.receipts || item.memberCount > CLIENT_LIMITS.receiptsInConversation) {
      const others = (item.receipts ?? []).filter(({ userId }) => userId !== this.#selfId);
      this.receipts.replace(others);
    }
  }

  /** The first members, or all, as of `lastSeq`. */
  applyMembers(members: MemberList): void {
    this.#members = members;
    this.#membersSeq = this.#item.lastSeq;
  }

  /** A changed profile. Returns whether this conversation shows that user. */
  applyProfile(profile: PublicProfile): boolean {
    const { id } = profile;
    const { members, complete } = this.#members;
    const isPeer = this.#item.peer?.id === id;
    const isMember = members.some(({ userId }) => userId === id);
    if (isPeer) this.#item = { ...this.#item, peer: profile };
    if (isMember) {
      const updated = members.map((each) => (each.userId === id ? { ...each, profile } : each));
      this.#members = { members: updated, complete };
    }
    return isPeer || isMember;
  }

  /** Compares with the server's head. Returns whether it names something that is not known here. */
  applyHead(head: Head): boolean {
    const { lastSeq } = this.#item;
    const known = this.#members === NO_MEMBERS ? this.#infoSeq : this.#membersSeq;
    const settings = head.settings;
    this.#item = { ...this.#item, lastSeq: Math.max(lastSeq, head.lastSeq), settings };
    this.applyMarks(head);
    return head.version > known || head.lastSeq > lastSeq;
  }

  applyReceipt(receipt: Receipt): void {
    if (receipt.userId === this.#selfId) this.applyMarks(receipt);
    else this.receipts.raise(receipt);
  }

  /** This user's receipt marks as the server has them, raised by any device. */
  applyMarks(marks: Pick<Receipt, 'deliveredSeq' | 'readSeq'>): void {
    this.marks.stored(marks);
    this.received.addUpTo(marks.deliveredSeq);
    this.unread.read(marks.readSeq);
  }

  applySettings(settings: Settings): void {
    this.#item = { ...this.#item, settings };
  }

  /** This user has read up to `seq`. */
  read(seq: number): void {
    const { settings } = this.#item;
    this.marks.raise(seq, settings.unread ? 'flagged' : 'unflagged');
    if (settings.unread) this.applySettings({ ...settings, unread: false });
    this.unread.read(this.marks.read);
  }

  applyEntry(entry: Entry): void {
    const { lastSeq, lastAt } = this.#item;
    if (entry.seq > lastSeq) {
      this.#item = { ...this.#item, lastSeq: entry.seq, lastAt: Math.max(lastAt, entry.at) };
    }
    if (entry.kind === 'message') this.#applyMessage(entry);
    else if (entry.kind === 'deletion') this.#applyDeletion(entry.messageSeq, entry.at);
    else if (entry.seq > this.#infoSeq) this.#applyInfo(entry);
  }

  #applyMessage(entry: MessageEntry): void {
    if (entry.senderId !== this.#selfId && !entry.deleted) this.unread.received(entry.seq);
    if (entry.seq > (this.#item.lastMessage?.seq ?? 0)) {
      this.#item = { ...this.#item, lastMessage: toMessage(entry) };
    }
  }

  #applyDeletion(messageSeq: number, at: number): void {
    this.unread.deleted(messageSeq);
    const last = this.#item.lastMessage;
    if (last?.seq === messageSeq && last.deletedAt === null) {
      this.#item = { ...this.#item, lastMessage: { ...last, ...DELETED_CONTENT, deletedAt: at } };
    }
  }

  /** Only the server knows the members, their profiles and marks, and who succeeds an owner: it is asked again. */
  #applyInfo(entry: Entry): void {
    if (entry.kind === 'title') this.#item = { ...this.#item, title: entry.title };
    if (entry.kind === 'title' || entry.kind === 'members') {
      this.#infoSeq = entry.seq;
      this.#isStale = true;
    }
  }
}

/** The parts that live entries may have updated beyond the server's answer. */
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
