import type { BlockPolicy } from '@parley/backend-common/domain';

import { directKeyOf } from '../conversations/direct-key.ts';
import { inParallel } from '../conversations/in-parallel.ts';
import type { ContactRepository, DirectWith } from '../conversations/contact-repository.ts';

interface ContactsDeps {
  readonly repository: ContactRepository;
  readonly partners: { partnerOf(userId: string): Promise<string | null> };
  readonly blocks: Pick<BlockPolicy, 'among'>;
}

/** Pairs of users that are cached. */
const CACHED_AT_MOST = 50_000;
/** Conversations that are read concurrently. */
const CONCURRENCY = 16;

/**
 * Decides who may see whose presence. Two users are contacts if they are partners, or have both written in their direct
 * conversation, and neither blocks the other. The relation is symmetric, and nobody can enter it alone: a group does not
 * count, because anybody can add a user to one.
 */
export class Contacts {
  readonly #deps: ContactsDeps;
  /** Keys of the direct conversations in which both users have written. That never changes back. */
  readonly #mutual = new Set<string>();

  constructor(deps: ContactsDeps) {
    this.#deps = deps;
  }

  /** Those of `others` who are contacts of a user. A user is their own contact. */
  async among(userId: string, others: readonly string[]): Promise<ReadonlySet<string>> {
    const contacts = new Set(others.filter((other) => other === userId));
    const candidates = others.filter((other) => other !== userId);
    if (candidates.length === 0) return contacts;
    const { blocks, partners } = this.#deps;
    const [mutual, partnerId, blocked] = await Promise.all([
      this.#mutualAmong(userId, candidates),
      partners.partnerOf(userId),
      blocks.among(userId, candidates),
    ]);
    for (const other of mutual) contacts.add(other);
    if (partnerId !== null && candidates.includes(partnerId)) contacts.add(partnerId);
    for (const other of blocked.keys()) contacts.delete(other);
    return contacts;
  }

  /** Those with whom the user has a direct conversation in which both have written. */
  async #mutualAmong(userId: string, others: readonly string[]): Promise<string[]> {
    const known = others.filter((other) => this.#mutual.has(directKeyOf(userId, other)));
    const unknown = others.filter((other) => !this.#mutual.has(directKeyOf(userId, other)));
    if (unknown.length === 0) return known;
    const directs = await this.#deps.repository.directsWith(userId, unknown);
    await inParallel(directs, CONCURRENCY, async (direct) => {
      if (await this.#haveBothWritten(userId, direct)) known.push(direct.userId);
    });
    return known;
  }

  async #haveBothWritten(
    userId: string,
    { conversationId, userId: otherId }: DirectWith,
  ): Promise<boolean> {
    const { repository } = this.#deps;
    const written = await Promise.all([
      repository.hasWritten(conversationId, userId),
      repository.hasWritten(conversationId, otherId),
    ]);
    if (!written.every(Boolean)) return false;
    if (this.#mutual.size >= CACHED_AT_MOST) this.#mutual.clear();
    this.#mutual.add(directKeyOf(userId, otherId));
    return true;
  }
}
