import type {
  ConversationItem,
  Entry,
  EventPayload,
  Head,
  Member,
  Receipt,
  Settings,
} from '@parley/common/contract';

import type { ConversationSummary, MemberList } from '../api/conversation.ts';
import { Lane } from '../outbox/lane.ts';
import { Signal } from '../store/signal.ts';
import { Replies } from '../timeline/replies.ts';
import { Rows } from '../timeline/rows.ts';
import { type PageRequest, type Position, Timeline } from '../timeline/timeline.ts';
import type { ConversationContext } from './context.ts';
import { type Comparison, ConversationState } from './state.ts';
import { toSummary } from './summary.ts';
import { Typing } from './typing.ts';

/** Milliseconds that a gap in what comes live may close by itself before it is pulled. */
const GAP_PATIENCE = 150;
/** Milliseconds that a timeline stays whole after its last listener went. */
const REST_AFTER = 10_000;

const NO_MEMBERS: MemberList = { members: [], complete: false };
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
  readonly #context: ConversationContext;
  #state: ConversationState | null = null;
  #awaitsGap = false;

  constructor(id: string, context: ConversationContext) {
    this.id = id;
    this.#context = context;
    const { runtime, requests, drafts } = context;
    const changed = () => {
      this.changed();
    };
    this.typing = new Typing({ conversationId: id, runtime, requests, changed });
    this.lane = this.#createLane();
    this.timeline = this.#createTimeline();
    this.info = new Signal((previous) => this.#summary(previous));
    this.members = new Signal(() => this.#state?.members.list ?? NO_MEMBERS, {
      watched: () => {
        if (!this.#state?.members.isLoaded) context.refresh(this);
      },
    });
    this.receipts = new Signal(() => this.#state?.receipts.byUser ?? NO_RECEIPTS);
    this.typingUsers = new Signal(() => this.typing.userIds);
    this.draft = new Signal(() => drafts.get(id));
  }

  /** What is known of it; `null` while nothing is. */
  get state(): ConversationState | null {
    return this.#state;
  }

  get position(): Position {
    const item = this.#state?.item;
    return { lastSeq: item?.lastSeq ?? 0, joinedSeq: item?.joinedSeq ?? 0 };
  }

  /** Takes the conversation as the server has it. */
  takeItem(item: ConversationItem, members?: readonly Member[]): void {
    if (this.#state === null || this.#state.item.joinedSeq !== item.joinedSeq) {
      // A membership begins, or begins anew: what was before does not concern this person.
      if (this.#state !== null) this.timeline.reset();
      this.#state = new ConversationState(item, this.#context.selfId());
    } else {
      this.#state.takeItem(item);
    }
    if (item.peer) this.#context.profiles.heard(item.peer);
    if (members) {
      this.#state.takeMembers(members);
      for (const { profile } of members) this.#context.profiles.heard(profile);
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
    const first = entries[0]?.seq;
    const last = entries.at(-1)?.seq;
    if (this.#state !== null && first !== undefined && last !== undefined) {
      const from = page.after === undefined ? first : Math.min(page.after + 1, first);
      this.#state.coverage.add(from, last);
    }
    for (const entry of entries) this.#apply(entry);
    this.timeline.takePage(page, entries);
    this.#received(entries);
  }

  /** Takes an entry that came by itself, as an event or as the answer to a request. */
  takeEntry(entry: Entry): void {
    this.#state?.coverage.add(entry.seq, entry.seq);
    this.#apply(entry);
    this.timeline.takeLive(entry);
    this.#received([entry]);
    if (this.#hasGap() && !this.#awaitsGap) {
      this.#awaitsGap = true;
      this.#context.runtime.delay(GAP_PATIENCE, () => {
        this.#awaitsGap = false;
        if (this.#hasGap()) this.#context.catchUp(this);
      });
    }
  }

  takeReceipt(receipt: Receipt): void {
    this.#state?.takeReceipt(receipt);
    this.#moved();
  }

  takeSettings(settings: Settings): void {
    this.#state?.takeSettings(settings);
    this.changed();
  }

  takeTyping(event: EventPayload<'typing'>): void {
    if (event.userId !== this.#context.selfId()) this.typing.heard(event);
  }

  takeAllMembers(members: readonly Member[]): void {
    this.#state?.members.complete(members);
    for (const { profile } of members) this.#context.profiles.heard(profile);
    this.members.invalidate();
  }

  /** This person reads up to `seq`. */
  read(seq: number): void {
    this.#state?.read(seq);
    this.#tellMarks();
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
    this.lane.resume();
    this.#tellMarks();
  }

  /** Has whoever watches look again, where something changed. */
  changed(): void {
    this.info.invalidate();
    this.timeline.snapshot.invalidate();
    this.members.invalidate();
    this.receipts.invalidate();
    this.typingUsers.invalidate();
    this.draft.invalidate();
    this.#context.changed(this);
  }

  #hasGap(): boolean {
    const { lastSeq } = this.position;
    return (this.#state?.coverage.gap(lastSeq) ?? null) !== null;
  }

  /** The state moved by what the server said. */
  #moved(): void {
    if (this.#state?.isStale) this.#context.refresh(this);
    this.#tellMarks();
    this.#context.catchUp(this);
    this.changed();
  }

  #tellMarks(): void {
    if (this.#state) this.#context.marks.touch(this);
  }

  #apply(entry: Entry): void {
    this.#state?.takeEntry(entry);
    if (entry.kind !== 'message') return;
    if (entry.senderId === this.#context.selfId()) this.lane.settle(entry);
    this.typing.stopped(entry.senderId);
  }

  #received(entries: readonly Entry[]): void {
    const { timeline, lane } = this;
    lane.prune(timeline.newestEntries.length > 0 ? timeline.lastSeq : Infinity);
    if (this.#state?.isStale) this.#context.refresh(this);
    // Own entries alone are no news to acknowledge: they go with the next of somebody else.
    const selfId = this.#context.selfId();
    if (entries.some((entry) => entry.senderId !== selfId)) this.#tellMarks();
    this.changed();
  }

  #createLane(): Lane {
    const { runtime, requests, outbox, isOpen } = this.#context;
    return new Lane({
      runtime,
      requests,
      isOpen,
      save: (pending) => {
        outbox.save(pending);
      },
      forget: (pending) => {
        outbox.forget(pending);
      },
      stored: (entry) => {
        this.takeEntry(entry);
      },
      changed: () => {
        this.changed();
      },
    });
  }

  #createTimeline(): Timeline {
    const { id, lane } = this;
    const { requests, selfId, cache, windowEntries: limit, catchUp, runtime } = this.#context;
    const changed = () => {
      this.timeline.snapshot.invalidate();
    };
    const replies = new Replies({ conversationId: id, requests, changed });
    const rows = new Rows({
      selfId,
      joinedSeq: () => this.position.joinedSeq,
      pendings: () => lane.items,
      floors: () => this.#state?.receipts.floors ?? { delivered: 0, read: 0 },
      replies,
    });
    return new Timeline({
      position: () => this.position,
      rows,
      replies,
      limit,
      load: async (page) => {
        const answer = await requests.call('conversation:entries', { conversationId: id, ...page });
        this.takePage(page, answer.entries);
        return answer.entries;
      },
      cached: () => cache.entries(id),
      catchUp: () => {
        catchUp(this);
      },
      unwatched: () => {
        runtime.delay(REST_AFTER, () => {
          this.timeline.rest();
        });
      },
    });
  }

  #summary(previous: ConversationSummary | null | undefined): ConversationSummary | null {
    if (this.#state === null) return null;
    const { item, receipts, unread, marks } = this.#state;
    const { presence, drafts, selfId } = this.#context;
    const parts = {
      item,
      selfId: selfId(),
      pending: this.lane.items.findLast(({ state }) => state.name !== 'stored'),
      floors: receipts.floors,
      unreadCount: unread.count,
      readSeq: marks.read,
      presence: item.peer ? presence.known(item.peer.id) : null,
      typing: this.typing.userIds,
      draft: drafts.get(this.id),
    };
    return toSummary(parts, previous);
  }
}
