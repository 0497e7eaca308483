import type { BlockPolicy } from '@parley/backend-common/domain';

import { inParallel } from '../conversations/in-parallel.ts';
import type { ContactRepository, DirectWith } from '../conversations/contact-repository.ts';
import { KnownPairs } from './known-pairs.ts';

interface ContactsDeps {
  readonly repository: Pick<ContactRepository, 'directsWith' | 'hasWritten'>;
  readonly partners: { partnerOf(userId: string): Promise<string | null> };
  readonly blocks: Pick<BlockPolicy, 'among'>;
  /** Stores for later which direct conversations were found to be mutual. */
  readonly marks: { put(conversationIds: readonly string[]): void };
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
  /** Users who have both written in their direct conversation. That never changes back. */
  readonly #mutual = new KnownPairs(CACHED_AT_MOST);

  constructor(deps: ContactsDeps) {
    this.#deps = deps;
  }

  /**
   * Those of `others` who are contacts of a user. A user is their own contact.
   * @param mayLookUp - asked before the entries of a direct conversation are looked up, of which it is not stored yet
   * that both have written in it; if they are not, the other does not count as a contact
   */
  async among(
    userId: string,
    others: readonly string[],
    mayLookUp: () => boolean = () => true,
  ): Promise<ReadonlySet<string>> {
    const contacts = new Set(others.filter((other) => other === userId));
    const candidates = others.filter((other) => other !== userId);
    if (candidates.length === 0) return contacts;
    const { blocks } = this.#deps;
    const [related, blocked] = await Promise.all([
      this.#relatedAmong(userId, candidates, mayLookUp),
      blocks.among(userId, candidates),
    ]);
    for (const other of related) contacts.add(other);
    for (const other of blocked.keys()) contacts.delete(other);
    return contacts;
  }

  /** Those with whom the user has a direct conversation in which both have written, and the partner. */
  async #relatedAmong(
    userId: string,
    others: readonly string[],
    mayLookUp: () => boolean,
  ): Promise<string[]> {
    const related: string[] = [];
    const unknown: string[] = [];
    for (const other of others) {
      (this.#mutual.has(userId, other) ? related : unknown).push(other);
    }
    if (unknown.length === 0) return related;
    const mutual = await this.#mutualAmong(userId, unknown, mayLookUp);
    related.push(...mutual);
    // Most partners have written to each other, so this is seldom looked up for them.
    if (mutual.length === unknown.length) return related;
    const partnerId = await this.#deps.partners.partnerOf(userId);
    if (partnerId !== null && unknown.includes(partnerId)) related.push(partnerId);
    return related;
  }

  async #mutualAmong(
    userId: string,
    others: readonly string[],
    mayLookUp: () => boolean,
  ): Promise<string[]> {
    const directs = await this.#deps.repository.directsWith(userId, others);
    const found: DirectWith[] = [];
    await inParallel(
      directs.filter(({ isMutual }) => !isMutual),
      CONCURRENCY,
      async (direct) => {
        if (mayLookUp() && (await this.#haveBothWritten(userId, direct))) found.push(direct);
      },
    );
    this.#deps.marks.put(found.map(({ conversationId }) => conversationId));
    const mutual = [...directs.filter(({ isMutual }) => isMutual), ...found];
    for (const direct of mutual) this.#mutual.add(userId, direct.userId);
    return mutual.map((direct) => direct.userId);
  }

  /** Checks the other user first: when a stranger asks, the other has not written, and one look-up is enough. */
  async #haveBothWritten(
    userId: string,
    { conversationId, userId: otherId }: DirectWith,
  ): Promise<boolean> {
    const { repository } = this.#deps;
    return (
      (await repository.hasWritten(conversationId, otherId)) &&
      (await repository.hasWritten(conversationId, userId))
    );
  }
}
