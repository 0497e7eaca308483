import type { BlockPolicy } from '@parley/backend-common/domain';

import type { ContactRepository, SharedConversations } from './contact-repository.ts';

interface ContactsDeps {
  readonly repository: ContactRepository;
  readonly partners: { partnerOf(userId: string): Promise<string | null> };
  readonly blocks: Pick<BlockPolicy, 'among'>;
}

/** Direct conversations that are cached. */
const CACHED_AT_MOST = 50_000;

/**
 * Decides who may see whose presence. Two users are contacts if they are partners, share a group, or have both written
 * in their direct conversation, and neither blocks the other. The relation is symmetric.
 */
export class Contacts {
  readonly #deps: ContactsDeps;
  /** Direct conversations in which both users have written. That never changes back. */
  readonly #mutual = new Set<string>();

  constructor(deps: ContactsDeps) {
    this.#deps = deps;
  }

  /** Those of `others` who are contacts of a user. A user is their own contact. */
  async among(userId: string, others: readonly string[]): Promise<ReadonlySet<string>> {
    const contacts = new Set(others.filter((other) => other === userId));
    const candidates = others.filter((other) => other !== userId);
    if (candidates.length === 0) return contacts;
    const { blocks, partners, repository } = this.#deps;
    const [shared, partnerId, blocked] = await Promise.all([
      repository.sharedConversations(userId, candidates),
      partners.partnerOf(userId),
      blocks.among(userId, candidates),
    ]);
    if (partnerId !== null && candidates.includes(partnerId)) contacts.add(partnerId);
    await Promise.all(
      shared.map(async (each) => {
        if (each.sharesGroup || (await this.#haveBothWritten(userId, each))) {
          contacts.add(each.userId);
        }
      }),
    );
    for (const other of blocked.keys()) contacts.delete(other);
    return contacts;
  }

  async #haveBothWritten(
    userId: string,
    { directId, userId: otherId }: SharedConversations,
  ): Promise<boolean> {
    if (directId === null) return false;
    if (this.#mutual.has(directId)) return true;
    const written = await Promise.all([
      this.#deps.repository.hasWritten(directId, userId),
      this.#deps.repository.hasWritten(directId, otherId),
    ]);
    if (!written.every(Boolean)) return false;
    if (this.#mutual.size >= CACHED_AT_MOST) this.#mutual.clear();
    this.#mutual.add(directId);
    return true;
  }
}
