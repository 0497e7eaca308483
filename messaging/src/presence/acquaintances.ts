import type { EntryRepository } from '../log/entry-repository.ts';
import type { AcquaintanceRepository, SharedWith } from './acquaintance-repository.ts';

interface AcquaintancesDeps {
  readonly repository: AcquaintanceRepository;
  readonly entries: Pick<EntryRepository, 'hasWritten'>;
}

/** Conversations remembered at most. */
const REMEMBERED_AT_MOST = 50_000;

/** Who knows whom: they share a group, or both have written in their direct conversation. It holds both ways. */
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
    const shared = await this.#deps.repository.shared(userId, strangers);
    await Promise.all(
      shared.map(async (with_) => {
        if (with_.sharesGroup || (await this.#haveTalked(userId, with_))) known.add(with_.userId);
      }),
    );
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
