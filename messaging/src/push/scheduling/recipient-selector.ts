import type { Now } from '@parley/common';

import {
  memberKey,
  type MemberKey,
  type MemberRepository,
} from '../../conversations/member-repository.ts';
import type { DeviceRepository } from '../../devices/repository.ts';
import type { ConversationLog } from '../../log/conversation-log.ts';
import type { Scheduled } from '../outbox/outbox-repository.ts';
import { newsFor, type Newest } from './pending-deliveries.ts';
import type { Lookers } from '../ports.ts';

interface RecipientsDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly devices: Pick<DeviceRepository, 'usersWithDevice'>;
  readonly members: Pick<MemberRepository, 'findMarks'>;
  readonly lookers: Lookers;
  readonly now: Now;
}

/** Somebody for whom there is news in a conversation. */
export interface Candidate extends MemberKey {
  readonly seq: number;
}

/** Whom to leave out: `away` takes those whom nobody's device in the foreground serves, `late` who has not acknowledged. */
export type Choice = 'away' | 'late';

/** People looked up in one query. */
const SLICE = 1_000;

/** Finds who is to be pushed to. Members come from the state that the log keeps in memory. */
export class Recipients {
  readonly #deps: RecipientsDeps;

  constructor(deps: RecipientsDeps) {
    this.#deps = deps;
  }

  /**
   * Who is to be told of the newest messages of conversations, in slices: a large group is never held as a whole.
   * `isOut` leaves people out of whom this node knows enough without asking.
   */
  async *choose(
    conversations: ReadonlyMap<string, Newest>,
    choice: Choice,
    isOut: (candidate: Candidate) => boolean,
  ): AsyncGenerator<Scheduled[]> {
    let slice: Candidate[] = [];
    for (const [conversationId, news] of conversations) {
      for (const candidate of await this.#candidates(conversationId, news)) {
        if (isOut(candidate)) continue;
        slice.push(candidate);
        if (slice.length < SLICE) continue;
        yield this.#toPush(slice, choice);
        slice = [];
      }
    }
    if (slice.length > 0) yield this.#toPush(slice, choice);
  }

  async #candidates(conversationId: string, news: Newest): Promise<Candidate[]> {
    const state = await this.#stateOf(conversationId, news.seq);
    if (state === undefined) return [];
    return [...state.membership.members.values()].flatMap(({ joinedSeq, userId }) => {
      const seq = newsFor(userId, news);
      return seq === undefined || seq <= joinedSeq ? [] : [{ conversationId, userId, seq }];
    });
  }

  /** A conversation that is gone has nobody to be told. */
  async #stateOf(conversationId: string, seq: number) {
    try {
      return await this.#deps.log.state(conversationId, seq);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'not_found') return undefined;
      throw error;
    }
  }

  async #toPush(slice: readonly Candidate[], choice: Choice): Promise<Scheduled[]> {
    const { devices, members } = this.#deps;
    const people = [...new Set(slice.map(({ userId }) => userId))];
    const reachable = await devices.usersWithDevice(people);
    let open = slice.filter(({ userId }) => reachable.has(userId));
    if (choice === 'away') open = await this.#withoutLookers(open);
    if (open.length === 0) return [];
    const marks = await members.findMarks(open);
    const now = this.#deps.now();
    return open.flatMap(({ conversationId, seq, userId }) => {
      const own = marks.get(memberKey(conversationId, userId));
      if (own?.present !== true || (own.settings.mutedUntil ?? 0) > now) return [];
      const has = choice === 'away' ? own.readSeq : own.deliveredSeq;
      const isAway = choice === 'away';
      return has >= seq ? [] : [{ userId, conversationId, seq, isAway }];
    });
  }

  /** While nobody can tell who looks, everybody may: then the acknowledgement decides. */
  async #withoutLookers(open: readonly Candidate[]): Promise<Candidate[]> {
    if (open.length === 0) return [];
    const people = [...new Set(open.map(({ userId }) => userId))];
    const looking = await this.#deps.lookers.looking(people);
    return looking === null ? [] : open.filter(({ userId }) => !looking.has(userId));
  }
}
