import type { BlockPolicy } from '@parley/backend-common';

import type { EntryRepository } from '../log/entry-repository.ts';
import type { AcquaintanceRepository, SharedWith } from './acquaintance-repository.ts';

interface AcquaintancesDeps {
  readonly repository: AcquaintanceRepository;
  readonly entries: Pick<EntryRepository, 'hasWritten'>;
  readonly partners: { partnerOf(userId: string): Promise<string | null> };
  readonly blocks: Pick<BlockPolicy, 'among'>;
}

/** Conversations remembered at most. */
const REMEMBERED_AT_MOST = 50_000;

/**
 * Who knows whom: they are partners, share a group, or have both written in their direct conversation, and neither
 * blocks the other. It holds both ways.
 */
export class Acquaintances {
  readonly #deps: AcquaintancesDeps;
  /** Direct conversations in which both have written: that never ends. */
  readonly #talked = new Set<string>();

  constructor(deps: AcquaintancesDeps) {
    this.#deps = deps;
  }

  /** Those of `others` whom a person knows; everybody knows himself. */
  async among(userId: string, others: readonly string[]): Promise<ReadonlySet<string>> {
    const known = new Set(others.filter((other) => other === userId));
    const strangers = others.filter((other) => other !== userId);
    if (strangers.length === 0) return known;
    const { blocks, partners, repository } = this.#deps;
    const [shared, partnerId, shut] = await Promise.all([
      repository.shared(userId, strangers),
      partners.partnerOf(userId),
      blocks.among(userId, strangers),
    ]);
    if (partnerId !== null && strangers.includes(partnerId)) known.add(partnerId);
    await Promise.all(
      shared.map(async (with_) => {
        if (with_.sharesGroup || (await this.#haveTalked(userId, with_))) known.add(with_.userId);
      }),
    );
    for (const other of shut.keys()) known.delete(other);
    return known;
  }

  async #haveTalked(userId: string, { directId, userId: other }: SharedWith): Promise<boolean> {
    if (directId === null) return false;
    if (this.#talked.has(directId)) return true;
    const written = await Promise.all([
      this.#deps.entries.hasWritten(directId, userId),
      this.#deps.entries.hasWritten(directId, other),
    ]);
    if (!written.every(Boolean)) return false;
    if (this.#talked.size >= REMEMBERED_AT_MOST) this.#talked.clear();
    this.#talked.add(directId);
    return true;
  }
}
