import type {
  ConversationHandle,
  ConversationSummary,
  Delivery,
  MessageItem,
  TimelineItem,
} from '@parley/client-common';
import type { Member, Receipt, Settings } from '@parley/common/contract';

import { idOf, message, snapshot } from './builders.ts';
import { ReadableValue } from './readable-value.ts';

export interface FakeConversationOptions {
  readonly info: ConversationSummary | null;
  readonly items?: readonly TimelineItem[];
  readonly members?: readonly Member[];
  readonly selfId: string;
  readonly now: () => number;
  /** Called when the summary changes, so that the list is updated. */
  readonly changed?: (info: ConversationSummary) => void;
}

/** A conversation in memory: it answers immediately and sends nothing. */
export class FakeConversation implements ConversationHandle {
  readonly id: string;
  readonly info: ReadableValue<ConversationSummary | null>;
  readonly timeline;
  readonly members;
  readonly receipts = new ReadableValue<ReadonlyMap<string, Receipt>>(new Map());
  readonly typing = new ReadableValue<readonly string[]>([]);
  readonly draft = new ReadableValue('');
  /** Names of the calls that were made, in order. */
  readonly calls: string[] = [];
  readonly #options: FakeConversationOptions;
  #older: readonly TimelineItem[] = [];

  constructor(id: string, options: FakeConversationOptions) {
    this.id = id;
    this.#options = options;
    this.info = new ReadableValue(options.info);
    this.typing.set(options.info?.typing ?? []);
    this.draft.set(options.info?.draft ?? '');
    const items = options.items ?? [];
    this.#older = items.slice(0, Math.max(0, items.length - 50));
    this.timeline = new ReadableValue(
      snapshot({ items: items.slice(-50), hasOlder: this.#older.length > 0 }),
    );
    const members = options.members ?? [];
    this.members = new ReadableValue({ members, complete: true });
  }

  /** Appends items as if they had arrived live. */
  append(...items: readonly TimelineItem[]): void {
    const before = this.timeline.get();
    const lastSeq = items.at(-1)?.seq ?? before.lastSeq;
    this.timeline.set({
      ...before,
      items: [...before.items, ...items],
      lastSeq,
      newestSeq: lastSeq,
    });
  }

  setDraft(text: string): void {
    this.draft.set(text);
    this.#change({ draft: text });
  }

  setTyping(typing: boolean): void {
    this.calls.push(typing ? 'typing' : 'not typing');
  }

  send(text: string): string {
    const seq = this.timeline.get().newestSeq + 1;
    const { selfId, now } = this.#options;
    const own = { own: true, senderId: selfId, at: now(), text } as const;
    const delivery: Delivery = { state: 'sending', cancellable: true };
    this.setDraft('');
    this.append(message(seq, { ...own, delivery }));
    return `c${String(seq)}`;
  }

  /** Changes the state of a sent message. */
  deliver(clientId: string, delivery: Delivery): void {
    this.#replace(clientId, (item) => ({ ...item, delivery }));
  }

  retry(clientId: string): void {
    this.deliver(clientId, { state: 'sending', cancellable: true });
  }

  discard(clientId: string): boolean {
    const before = this.timeline.get();
    const items = before.items.filter(
      (item) => item.kind !== 'message' || item.clientId !== clientId,
    );
    this.timeline.set({ ...before, items });
    return true;
  }

  async loadOlder(): Promise<void> {
    const before = this.timeline.get();
    this.timeline.set({ ...before, loadingOlder: true });
    // eslint-disable-next-line no-restricted-syntax -- A page of a real server takes a moment as well.
    await new Promise((resolve) => setTimeout(resolve, 120));
    const page = this.#older.slice(-50);
    this.#older = this.#older.slice(0, -50);
    const now = this.timeline.get();
    const items = [...page, ...now.items];
    const hasOlder = this.#older.length > 0;
    this.timeline.set({
      ...now,
      items,
      hasOlder,
      loadingOlder: false,
      firstSeq: items[0]?.seq ?? 0,
    });
  }

  loadNewer = () => Promise.resolve();
  jumpToNewest = () => Promise.resolve();
  jumpTo = () => Promise.resolve();
  reload = () => Promise.resolve();
  loadMembers = () => Promise.resolve();

  setView(): void {
    // This fake drops nothing.
  }

  markRead(seq = 0): void {
    this.calls.push(`read ${String(seq)}`);
    this.#change({ unreadCount: 0, readSeq: seq });
  }

  deleteMessage(messageId: string): Promise<void> {
    const item = this.timeline
      .get()
      .items.find((row) => row.kind === 'message' && row.messageId === messageId);
    if (item?.kind === 'message') {
      this.#replace(item.clientId, (found) => ({ ...found, text: null, deleted: true }));
    }
    return Promise.resolve();
  }

  updateTitle(title: string): Promise<void> {
    this.#change({ title });
    return Promise.resolve();
  }

  addMembers(userIds: readonly string[]): Promise<void> {
    this.calls.push(`add ${userIds.join(' ')}`);
    return Promise.resolve();
  }

  removeMember(userId: string): Promise<void> {
    this.#setMembers((members) => members.filter((member) => member.userId !== userId));
    return Promise.resolve();
  }

  setRole(userId: string, role: Member['role']): Promise<void> {
    this.#setMembers((members) =>
      members.map((member) => (member.userId === userId ? { ...member, role } : member)),
    );
    return Promise.resolve();
  }

  leave(): Promise<void> {
    this.info.set(null);
    return Promise.resolve();
  }

  setSettings(settings: Partial<Settings>): Promise<void> {
    const before = this.info.get();
    if (before !== null) this.#change({ settings: { ...before.settings, ...settings } });
    return Promise.resolve();
  }

  #setMembers(next: (members: readonly Member[]) => readonly Member[]): void {
    this.members.set({ members: next(this.members.get().members), complete: true });
  }

  #replace(clientId: string, next: (item: MessageItem) => MessageItem): void {
    const before = this.timeline.get();
    const items = before.items.map((item) =>
      item.kind === 'message' && item.clientId === clientId ? next(item) : item,
    );
    this.timeline.set({ ...before, items });
  }

  #change(change: Partial<ConversationSummary>): void {
    const before = this.info.get();
    if (before === null) return;
    const after = { ...before, ...change };
    this.info.set(after);
    this.#options.changed?.(after);
  }
}

export const SELF = idOf(1);
