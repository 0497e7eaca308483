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

import type { ConversationSummary, MemberList } from '../api/conversation.ts';
import type { Context } from '../context.ts';
import { Lane } from '../outbox/lane.ts';
import { Signal } from '../store/signal.ts';
import type { PageRequest, Position } from '../timeline/shown.ts';
import { Timeline } from '../timeline/timeline.ts';
import { NO_MEMBERS, withFirst } from './members.ts';
import { type Floors, NO_FLOORS } from './receipts.ts';
import { type Comparison, ConversationState } from './state.ts';
import { toSummary } from './summary.ts';
import { Typing } from './typing.ts';

/** Milliseconds that a gap in what comes live may close by itself before it is pulled. */
const GAP_PATIENCE = 150;

/** Within the entries before this `seq` two strangers come to know each other, or hide from all. */
const FIRST_TALK = 50;

const NO_RECEIPTS: ReadonlyMap<string, Receipt> = new Map();

/**
 * One conversation on this device, and what can be watched of it. It exists also while the
 * conversation is unknown, or is no longer this person's; then it has no `state`.
 */
export class Conversation {
  readonly id: string;
  readonly lane: Lane;
  readonly timeline: Timeline;
  readonly typing: Typing;
  readonly info: Signal<ConversationSummary | null>;
  readonly members: Signal<MemberList>;
  readonly receipts: Signal<ReadonlyMap<string, Receipt>>;
  readonly typingUsers: Signal<readonly string[]>;
  readonly draft: Signal<string>;
  readonly #context: Context;
  #state: ConversationState | null = null;
  #awaitsGap = false;

  constructor(id: string, context: Context) {
    this.id = id;
    this.#context = context;
    this.typing = new Typing(context, this);
    this.lane = new Lane(context, this);
    this.timeline = new Timeline(context, this);
    this.info = new Signal((previous) => this.#summary(previous));
    this.members = new Signal(() => this.#state?.members ?? NO_MEMBERS, {
      watched: () => {
        if (this.members.get() === NO_MEMBERS) context.refresher.soon(this);
      },
    });
    this.receipts = new Signal(() => this.#state?.receipts.byUser ?? NO_RECEIPTS);
    this.typingUsers = new Signal(() => this.typing.userIds);
    this.draft = new Signal(() => context.drafts.get(id));
  }

  /** What is known of it; `null` while nothing is. */
  get state(): ConversationState | null {
    return this.#state;
  }

  get position(): Position {
    return this.#state?.item ?? { lastSeq: 0, joinedSeq: 0 };
  }

  /** How far all others are. */
  get floors(): Floors {
    return this.#state?.receipts.floors ?? NO_FLOORS;
  }

  /** Takes the conversation as the server has it. */
  takeItem({ members, ...item }: ConversationItem & { readonly members?: Member[] }): void {
    const { profiles, selfId } = this.#context;
    if (this.#state === null || this.#state.item.joinedSeq !== item.joinedSeq) {
      // A membership begins, or begins anew: what was before does not concern this person.
      if (this.#state !== null) this.timeline.reset();
      this.#state = new ConversationState(item, selfId);
    } else {
      this.#state.takeItem(item);
    }
    if (item.peer) profiles.heard([item.peer]);
    if (members) {
      this.#state.takeMembers(withFirst(this.#state.members, members, item.memberCount));
      profiles.heard(members.map(({ profile }) => profile));
    }
    this.#moved();
  }

  /** Compares with the server's head. Answers whether the conversation must be asked for. */
  takeHead(head: Head): Comparison {
    const state = this.#state;
    if (state === null || state.item.joinedSeq !== head.joinedSeq) return 'changed';
    const comparison = state.takeHead(head);
    this.#moved();
    return comparison;
  }

  /** Takes a page of the log. */
  takePage(page: PageRequest, entries: readonly Entry[]): void {
    const first = entries[0]?.seq ?? 0;
    this.#state?.coverage.add(Math.min((page.after ?? first) + 1, first), entries.at(-1)?.seq ?? 0);
    for (const entry of entries) this.#apply(entry);
    this.timeline.takePage(page, entries);
    this.#received();
    this.#context.marks.touch(this);
  }

  /** Takes an entry that came by itself, as an event or as the answer to a request. */
  takeEntry(entry: Entry): void {
    this.#state?.coverage.add(entry.seq, entry.seq);
    this.#apply(entry);
    this.timeline.takeLive(entry);
    this.#received();
    // An own entry alone is no news to acknowledge: it goes with the next of somebody else.
    const { marks, presence, selfId } = this.#context;
    if (entry.senderId !== selfId) marks.touch(this);
    if (entry.seq < FIRST_TALK) presence.talked(this.#state?.item.peer?.id ?? '');
    if (this.#awaitsGap || !this.#hasGap()) return;
    this.#awaitsGap = true;
    this.#context.runtime.delay(GAP_PATIENCE, () => {
      this.#awaitsGap = false;
      if (this.#hasGap()) this.catchUp();
    });
  }

  takeReceipt(receipt: Receipt): void {
    this.#state?.takeReceipt(receipt);
    if (receipt.userId === this.#context.selfId) this.#moved();
    else this.changed();
  }

  takeSettings(settings: Settings): void {
    this.#state?.takeSettings(settings);
    this.changed();
  }

  takeTyping(event: EventPayload<'typing'>): void {
    if (event.userId !== this.#context.selfId) this.typing.heard(event);
  }

  takeAllMembers(members: readonly Member[]): void {
    this.#state?.takeMembers({ members, complete: true });
    this.#context.profiles.heard(members.map(({ profile }) => profile));
    this.changed();
  }

  /** What somebody is called now. */
  takeProfile(profile: PublicProfile): void {
    if (this.#state?.takeProfile(profile)) this.changed();
  }

  /** This person reads up to `seq`. */
  read(seq: number): void {
    this.#state?.read(seq);
    this.#context.marks.touch(this);
    this.changed();
  }

  setDraft(text: string): void {
    this.#context.drafts.set(this.id, text);
    this.changed();
  }

  /** This person is no member any more: nothing of it stays. */
  remove(): void {
    this.#state = null;
    this.lane.clear();
    this.timeline.reset();
    this.#context.cache.dropEntries(this.id);
    this.setDraft('');
  }

  /** There is a connection again, after timers may have been cancelled. */
  resume(): void {
    this.#awaitsGap = false;
    // Profiles may have changed meanwhile: who looks at the members sees them as they are now.
    if (this.members.isWatched) this.#context.refresher.soon(this);
    else this.#state?.takeMembers(NO_MEMBERS);
    this.lane.resume();
    this.#context.marks.touch(this);
  }

  /** Has what is missing pulled. */
  catchUp(): void {
    void this.#context.catchUp.run(this);
  }

  /** Has whoever watches look again, where something changed. */
  changed(): void {
    const { info, timeline, members, receipts, typingUsers, draft } = this;
    for (const signal of [info, timeline.snapshot, members, receipts, typingUsers, draft]) {
      signal.invalidate();
    }
    this.#context.changed(this);
  }

  #hasGap(): boolean {
    return this.#state !== null && this.#state.coverage.have < this.#state.item.lastSeq;
  }

  /** The state moved by what the server said. */
  #moved(): void {
    this.#explain();
    this.#context.marks.touch(this);
    this.catchUp();
    this.changed();
  }

  /** Asks for what only the server can explain. */
  #explain(): void {
    if (this.#state?.isStale) this.#context.refresher.soon(this);
  }

  #apply(entry: Entry): void {
    this.#state?.takeEntry(entry);
    if (entry.kind !== 'message') return;
    if (entry.senderId === this.#context.selfId) this.lane.settle(entry);
    this.typing.stopped(entry.senderId);
  }

  #received(): void {
    const { timeline, lane } = this;
    lane.prune(timeline.newestEntries.length > 0 ? timeline.lastSeq : Infinity);
    this.#explain();
    this.changed();
  }

  #summary(previous: ConversationSummary | null | undefined): ConversationSummary | null {
    if (this.#state === null) return null;
    const { presence, selfId } = this.#context;
    const { item, unread, marks } = this.#state;
    const row = {
      unreadCount: unread.count,
      readSeq: marks.read,
      presence: item.peer ? presence.known(item.peer.id) : null,
      typing: this.typing.userIds,
      draft: this.draft.get(),
    };
    const pending = this.lane.items.findLast(({ state }) => state.name !== 'stored');
    return toSummary({ item, selfId, pending, floors: this.floors, row }, previous);
  }
}
