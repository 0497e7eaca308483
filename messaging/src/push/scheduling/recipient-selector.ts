import type { Now } from '@parley/common';

import { memberKey, type MemberKey } from '../../conversations/member-document.ts';
import type { MemberRepository } from '../../conversations/member-repository.ts';
import type { DeviceRepository } from '../../devices/repository.ts';
import type { ConversationLog } from '../../log/conversation-log.ts';
import type { ScheduledPush } from '../outbox/push-document.ts';
import type { ForegroundUsers } from '../ports.ts';
import { newestFor, type Newest } from './pending-deliveries.ts';

interface RecipientSelectorDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly devices: Pick<DeviceRepository, 'usersWithDevice'>;
  readonly members: Pick<MemberRepository, 'findMarks'>;
  readonly foreground: ForegroundUsers;
  readonly now: Now;
}

/** A member of a conversation, with the newest message by another member. */
export interface Candidate extends MemberKey {
  readonly seq: number;
}

/**
 * Which members receive a push: `background` selects those without a device in the foreground, `unacknowledged` those
 * of whom no device has acknowledged the message.
 */
export type Selection = 'background' | 'unacknowledged';

/** Members that are looked up in one query. */
const BATCH = 1_000;

/** Selects the members who receive a push. Members come from the state that the log keeps in memory. */
export class RecipientSelector {
  readonly #deps: RecipientSelectorDeps;

  constructor(deps: RecipientSelectorDeps) {
    this.#deps = deps;
  }

  /**
   * The pushes for the newest messages of conversations, in batches, so that a large group is never held in memory as a
   * whole. `isExcluded` leaves out members of whom this node knows without a query that they need no push.
   */
  async *select(
    conversations: ReadonlyMap<string, Newest>,
    selection: Selection,
    isExcluded: (candidate: Candidate) => boolean,
  ): AsyncGenerator<ScheduledPush[]> {
    let batch: Candidate[] = [];
    for (const [conversationId, newestMessages] of conversations) {
      for (const candidate of await this.#candidates(conversationId, newestMessages)) {
        if (isExcluded(candidate)) continue;
        batch.push(candidate);
        if (batch.length < BATCH) continue;
        yield this.#toPushes(batch, selection);
        batch = [];
      }
    }
    if (batch.length > 0) yield this.#toPushes(batch, selection);
  }

  async #candidates(conversationId: string, newestMessages: Newest): Promise<Candidate[]> {
    const state = await this.#stateOf(conversationId, newestMessages.seq);
    if (state === undefined) return [];
    return [...state.membership.members.values()].flatMap(({ joinedSeq, userId }) => {
      const seq = newestFor(userId, newestMessages);
      return seq === undefined || seq <= joinedSeq ? [] : [{ conversationId, userId, seq }];
    });
  }

  /** `undefined` if the conversation was removed. */
  async #stateOf(conversationId: string, seq: number) {
    try {
      return await this.#deps.log.state(conversationId, seq);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'not_found') return undefined;
      throw error;
    }
  }

  async #toPushes(batch: readonly Candidate[], selection: Selection): Promise<ScheduledPush[]> {
    const { devices, members, now } = this.#deps;
    const isAway = selection === 'background';
    const userIds = [...new Set(batch.map(({ userId }) => userId))];
    const reachable = await devices.usersWithDevice(userIds);
    let candidates = batch.filter(({ userId }) => reachable.has(userId));
    if (isAway) candidates = await this.#withoutForeground(candidates);
    if (candidates.length === 0) return [];
    const marks = await members.findMarks(candidates);
    const at = now();
    return candidates.flatMap(({ conversationId, seq, userId }) => {
      const member = marks.get(memberKey(conversationId, userId));
      if (member?.present !== true || (member.settings.mutedUntil ?? 0) > at) return [];
      const upTo = isAway ? member.readSeq : member.deliveredSeq;
      return upTo >= seq ? [] : [{ userId, conversationId, seq, isAway }];
    });
  }

  /** While it is unknown who is in the foreground, selects nobody: then the acknowledgement decides. */
  async #withoutForeground(candidates: readonly Candidate[]): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const userIds = [...new Set(candidates.map(({ userId }) => userId))];
    const inForeground = await this.#deps.foreground.inForeground(userIds);
    if (inForeground === null) return [];
    return candidates.filter(({ userId }) => !inForeground.has(userId));
  }
}
