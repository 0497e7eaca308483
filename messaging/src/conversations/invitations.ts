import type { Counter } from '@parley/backend-common';
import { AppError, DAY, HOUR, LIMITS, MINUTE, type Now } from '@parley/common';
import type { ConversationKind } from '@parley/common/contract';

import type { ContactRepository } from './contact-repository.ts';
import { inParallel } from './in-parallel.ts';
import type { InvitationRepository } from './invitation-repository.ts';
import type { MemberRepository } from './member-repository.ts';

interface InvitationsDeps {
  readonly repository: InvitationRepository;
  readonly contacts: ContactRepository;
  readonly members: Pick<MemberRepository, 'findOwn'>;
  /** Counts by result: `sent`, `refused`. */
  readonly counter: Counter<'result'>;
  /** Whether the limits apply. They do not where load tests have switched limits off. */
  readonly limited: boolean;
  readonly now: Now;
}

/** Who adds whom to which kind of conversation. */
export interface Addition {
  readonly addedBy: string;
  readonly userIds: readonly string[];
  readonly kind: ConversationKind;
  /** Absent: the conversation is new. */
  readonly conversationId?: string;
}

/** Unanswered invitations that a user has at most. */
const MOST = { group: LIMITS.groupInvitations, direct: LIMITS.directInvitations } as const;
/** Milliseconds for which a declined invitation is remembered. */
const DECLINED_FOR = 90 * DAY;
/** Milliseconds between two searches for answers of one user. */
const SETTLE_EVERY = MINUTE;
const REMEMBERED_AT_MOST = 10_000;
const CONCURRENCY = 16;

/**
 * Keeps apart the conversations into which a user was brought by people whom it does not know. They do not count as its
 * own until it writes there, and their number has limits of its own, so that strangers cannot use up those of a user.
 */
export class Invitations {
  readonly #deps: InvitationsDeps;
  /** When answers were last looked for, by user and kind. */
  readonly #settledAt = new Map<string, number>();

  constructor(deps: InvitationsDeps) {
    this.#deps = deps;
  }

  /** The number of unanswered invitations of each user; users without any are absent. */
  async unansweredOf(userIds: readonly string[]): Promise<Map<string, number>> {
    const total = new Map<string, number>();
    for (const { count, userId } of await this.#deps.repository.unansweredOf(userIds)) {
      total.set(userId, (total.get(userId) ?? 0) + count);
    }
    return total;
  }

  /**
   * Those of the users who do not know the user that adds them.
   * @throws AppError `limit_reached` if one of them has too many invitations, `forbidden` if one has declined this one,
   * `rate_limited` if `addedBy` has invited too many users on this day
   */
  async strangersIn(addition: Addition): Promise<string[]> {
    const { addedBy, userIds } = addition;
    const known = await this.#deps.contacts.knowing(addedBy, userIds);
    const strangers = userIds.filter((userId) => !known.has(userId));
    if (strangers.length === 0 || !this.#deps.limited) return strangers;
    try {
      await this.#requireAllowed({ ...addition, userIds: strangers });
    } catch (error) {
      this.#deps.counter.inc({ result: 'refused' });
      throw error;
    }
    return strangers;
  }

  /** Stores invitations, before the users are added. */
  async store({ addedBy, conversationId, kind, userIds }: Required<Addition>): Promise<void> {
    const at = this.#deps.now();
    const all = userIds.map((userId) => ({ conversationId, userId, addedBy, kind, at }));
    await this.#deps.repository.store(all);
    if (all.length > 0) this.#deps.counter.inc({ result: 'sent' }, all.length);
  }

  /** Ends the invitations of users who are now added by somebody whom they know. */
  async end(conversationId: string, userIds: readonly string[]): Promise<void> {
    if (userIds.length > 0) await this.#deps.repository.remove([conversationId], userIds);
  }

  /** Records that a user has left a group: strangers cannot add it there again. */
  async decline(conversationId: string, userId: string): Promise<void> {
    const removeAt = new Date(this.#deps.now() + DECLINED_FOR);
    await this.#deps.repository.decline(conversationId, userId, removeAt);
  }

  async #requireAllowed(addition: Addition): Promise<void> {
    const { addedBy, conversationId, kind, userIds } = addition;
    const { now, repository } = this.#deps;
    const [declined, today] = await Promise.all([
      conversationId === undefined ? [] : repository.declinedAmong(conversationId, userIds),
      repository.countSince(addedBy, now() - DAY, LIMITS.invitationsPerDay),
    ]);
    if (declined.length > 0) {
      throw new AppError('forbidden', 'Somebody who has left this group does not know you');
    }
    if (today + userIds.length > LIMITS.invitationsPerDay) {
      const retryAfterMs = HOUR;
      throw new AppError('rate_limited', 'Too many invitations on one day', { retryAfterMs });
    }
    const crowded = await this.#crowdedAmong(addition);
    if (crowded.length === 0) return;
    await Promise.all(crowded.map((userId) => this.#settle(userId, kind)));
    if ((await this.#crowdedAmong(addition)).length === 0) return;
    throw new AppError(
      'limit_reached',
      'A user has too many invitations from people unknown to it',
    );
  }

  /** Those of the users who can get no further invitation. */
  async #crowdedAmong({ addedBy, kind, userIds }: Addition): Promise<string[]> {
    const { repository } = this.#deps;
    const [counts, ofPair] = await Promise.all([
      repository.unansweredOf(userIds),
      kind === 'group' ? repository.groupsOf(addedBy, userIds) : new Map<string, number>(),
    ]);
    const full = counts.filter((each) => each.kind === kind && each.count >= MOST[kind]);
    const crowded = new Set(full.map(({ userId }) => userId));
    for (const [userId, count] of ofPair) {
      if (count >= LIMITS.groupInvitationsPerPair) crowded.add(userId);
    }
    return [...crowded];
  }

  /** Removes the invitations that a user has answered by writing, and those that were never carried out. */
  async #settle(userId: string, kind: ConversationKind): Promise<void> {
    const { contacts, members, now, repository } = this.#deps;
    if (!this.#mayLookAgain(`${kind}:${userId}`)) return;
    const open = await repository.listUnanswered(userId, kind, now() - MINUTE);
    const ids = open.map(({ conversationId }) => conversationId);
    const own = await members.findOwn(userId, ids);
    const over = await inParallel(ids, CONCURRENCY, async (id) =>
      own.get(id)?.present !== true || (await contacts.hasWritten(id, userId)) ? [id] : [],
    );
    await repository.remove(over.flat(), [userId]);
  }

  #mayLookAgain(key: string): boolean {
    const now = this.#deps.now();
    if (now - (this.#settledAt.get(key) ?? -Infinity) < SETTLE_EVERY) return false;
    if (this.#settledAt.size >= REMEMBERED_AT_MOST) this.#settledAt.clear();
    this.#settledAt.set(key, now);
    return true;
  }
}
