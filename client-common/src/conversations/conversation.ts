import { AppError } from '@parley/common';
import type {
  ConversationItem,
  Entry,
  EventPayload,
  Head,
  Member,
  PublicProfile,
  Receipt,
  Settings,
} from '@parley/common/contract';

import type { OutboxQueue } from '../outbox/outbox-queue.ts';
import { type OutgoingMessage, UNTRIED } from '../outbox/outgoing-message.ts';
import { type LowestMarks, NO_MARKS } from '../receipts/receipts.ts';
import { Timeline } from '../timeline/timeline.ts';
import type { LogPosition, PageRequest } from '../timeline/timeline-window.ts';
import { Typing } from '../typing/typing.ts';
import type { ConversationDeps, MessageContent } from './conversation-deps.ts';
import { ConversationState } from './conversation-state.ts';
import { NO_MEMBERS, withFirst } from './members.ts';
import { createSnapshots, type Snapshots } from './snapshots.ts';
import type { MemberList } from './types.ts';

/** Milliseconds during which a gap in live entries may close by itself before it is fetched. */
const GAP_PATIENCE = 150;

/** Entries before this `seq` may make the users known to each other, so that they see each other's presence. */
const FIRST_ENTRIES = 50;

/**
 * One conversation on this device, and its snapshots. It also exists while the conversation is unknown,
 * and after this user has left it; then it has no `state`.
 */
export class Conversation {
  readonly id: string;
  readonly queue: OutboxQueue;
  readonly timeline: Timeline;
  readonly typing: Typing;
  readonly snapshots: Snapshots;
  readonly #deps: ConversationDeps;
  readonly #notify: () => void;
  #state: ConversationState | null = null;

  /** @param notify called when something has changed that the list or the cache show. */
  constructor(id: string, deps: ConversationDeps, notify: () => void) {
    const { connection, outbox, refresher, runtime } = deps;
    const changed = () => this.changed();
    this.id = id;
    this.#deps = deps;
    this.#notify = notify;
    this.queue = outbox.queue(id);
    this.typing = new Typing({ conversationId: id, runtime, connection, changed });
    this.timeline = new Timeline(this, deps);
    this.snapshots = createSnapshots(this, { ...deps, loadMembers: () => refresher.soon(this) });
  }

  /** What is known of it; `null` while nothing is. */
  get state(): ConversationState | null {
    return this.#state;
  }

  get position(): LogPosition {
    return this.#state?.item ?? { lastSeq: 0, joinedSeq: 0 };
  }

  get lowest(): LowestMarks {
    return this.#state?.receipts.lowest ?? NO_MARKS;
  }

  get messages(): readonly OutgoingMessage[] {
    return this.queue.messages;
  }

  /**
   * Adds a message to the outbox and the timeline and returns its `clientId`. Throws `not_found` if the
   * message replied to is not in memory.
   */
  compose({ replyTo: messageId, ...content }: MessageContent): string {
    const { runtime } = this.#deps;
    const replyTo = messageId ? this.timeline.find(messageId) : null;
    if (messageId && !replyTo) throw new AppError('not_found');
    const clientId = runtime.newClientId();
    this.queue.add({
      conversationId: this.id,
      clientId,
      ...content,
      replyTo,
      at: runtime.now(),
      isSaved: false,
      state: UNTRIED,
    });
    this.timeline.jumpToNewest().catch(() => undefined);
    return clientId;
  }

  /** The conversation as the server has it. */
  applyItem({ members, ...item }: ConversationItem & { readonly members?: Member[] }): void {
    const { profiles, self } = this.#deps;
    if (this.#state?.item.joinedSeq === item.joinedSeq) {
      this.#state.applyItem(item);
    } else {
      // A new membership: nothing of an earlier one is shown.
      if (this.#state) this.timeline.reset();
      this.#state = new ConversationState(item, self.id);
    }
    if (item.peer) profiles.add([item.peer]);
    if (members) this.applyMembers(withFirst(this.#state.members, members, item.memberCount));
    this.#advanced();
  }

  /** Compares with the server's head. Returns whether the conversation must be asked for. */
  applyHead(head: Head): boolean {
    if (this.#state?.item.joinedSeq !== head.joinedSeq) return true;
    const isBehind = this.#state.applyHead(head);
    this.#advanced();
    return isBehind;
  }

  /** A page of the log. */
  applyPage(page: PageRequest, entries: readonly Entry[]): void {
    const first = entries[0]?.seq ?? 0;
    this.#state?.received.add(Math.min((page.after ?? first) + 1, first), entries.at(-1)?.seq ?? 0);
    for (const entry of entries) this.#apply(entry);
    this.timeline.addPage(page, entries);
    this.#received();
    this.#deps.marks.check(this);
  }

  /** An entry that arrived as an event, or as the answer to a request. */
  applyEntry(entry: Entry): void {
    const { marks, presence, runtime, self } = this.#deps;
    this.#state?.received.add(entry.seq, entry.seq);
    this.#apply(entry);
    this.timeline.addLive(entry);
    this.#received();
    // An own entry is acknowledged together with the next one of another user.
    if (entry.senderId !== self.id) marks.check(this);
    if (entry.seq < FIRST_ENTRIES) presence.refresh(this.#state?.item.peer?.id ?? '');
    if (this.#hasGap()) runtime.delay(GAP_PATIENCE, () => this.catchUp());
  }

  applyReceipt(receipt: Receipt): void {
    this.#state?.applyReceipt(receipt);
    if (receipt.userId === this.#deps.self.id) this.#advanced();
    else this.changed();
  }

  applySettings(settings: Settings): void {
    this.#state?.applySettings(settings);
    this.changed();
  }

  applyTyping(event: EventPayload<'typing'>): void {
    if (event.userId !== this.#deps.self.id) this.typing.receive(event);
  }

  applyMembers(list: MemberList): void {
    this.#state?.applyMembers(list);
    this.#deps.profiles.add(list.members.map(({ profile }) => profile));
    this.changed();
  }

  /** The attachment of a message has a thumbnail from now on. */
  applyThumbnail(attachmentId: string): void {
    this.timeline.addThumbnail(attachmentId);
    this.changed();
  }

  applyProfile(profile: PublicProfile): void {
    if (this.#state?.applyProfile(profile)) this.changed();
  }

  /** This user has read up to `seq`. */
  read(seq: number): void {
    this.#state?.read(seq);
    this.#deps.marks.check(this);
    this.changed();
  }

  setDraft(text: string): void {
    this.#deps.drafts.set(this.id, text);
    this.changed();
  }

  /** This user is not a member any more: nothing of it stays except what is not sent yet, as a draft. */
  remove(): void {
    const { drafts, cache } = this.#deps;
    const unsent = this.queue.messages.flatMap(({ state, text }) =>
      state.name === 'stored' ? [] : (text ?? []),
    );
    const kept = [drafts.get(this.id), ...unsent].filter((text) => text.trim() !== '').join('\n\n');
    this.#state = null;
    this.queue.clear();
    this.timeline.reset();
    cache.dropEntries(this.id);
    this.setDraft(kept);
  }

  /** There is a new connection; timers may have been cancelled. */
  resume(): void {
    const { marks, refresher } = this.#deps;
    // Profiles may have changed in the meantime.
    if (this.snapshots.members.isWatched) refresher.soon(this);
    else this.#state?.applyMembers(NO_MEMBERS);
    marks.check(this);
  }

  /** Fetches and sends what was missing when it was last compared with the server. */
  resumeSync(): void {
    this.#refreshIfStale();
    this.#deps.marks.check(this);
    this.catchUp();
  }

  /** Fetches what is missing. */
  catchUp(): void {
    void this.#deps.catchUp.run(this);
  }

  /** Updates all snapshots. */
  changed(): void {
    this.timeline.snapshot.invalidate();
    for (const signal of Object.values(this.snapshots)) signal.invalidate();
    this.#notify();
  }

  #hasGap(): boolean {
    return this.#state !== null && this.#state.received.gap(this.#state.item.lastSeq) !== null;
  }

  /** The server's answer may name entries that are missing here. */
  #advanced(): void {
    this.resumeSync();
    this.changed();
  }

  #refreshIfStale(): void {
    if (this.#state?.isStale) this.#deps.refresher.soon(this);
  }

  #apply(entry: Entry): void {
    this.#state?.applyEntry(entry);
    // Whoever is removed while typing cannot report the end of it.
    if (entry.kind === 'members' && (entry.action === 'removed' || entry.action === 'left')) {
      for (const userId of entry.userIds) this.typing.stopped(userId);
    }
    if (entry.kind !== 'message') return;
    if (entry.senderId === this.#deps.self.id) this.queue.settle(entry);
    this.typing.stopped(entry.senderId);
  }

  #received(): void {
    const { timeline, queue } = this;
    queue.prune(timeline.newest.length > 0 ? timeline.lastSeq : Infinity);
    this.#refreshIfStale();
    this.changed();
  }
}
