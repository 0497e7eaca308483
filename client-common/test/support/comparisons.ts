import type { Head, OperationOutput } from '@parley/common/contract';

interface Compared {
  readonly userId: string;
  /** By conversation, the head as JSON. */
  readonly heads: ReadonlyMap<string, string>;
}

/** What a server remembers of comparisons of heads, so that it can answer what has changed since. */
export class Comparisons {
  readonly #compared = new Map<string, Compared>();
  #count = 0;

  /** The answer to a comparison of somebody whose heads are these. */
  answer(userId: string, heads: readonly Head[], since?: string): OperationOutput<'sync'> {
    const before = since === undefined ? undefined : this.#compared.get(since);
    const syncToken = `token-${this.#count}`;
    this.#count += 1;
    const texts = heads.map((head) => [head.conversationId, JSON.stringify(head)] as const);
    this.#compared.set(syncToken, { userId, heads: new Map(texts) });
    if (before?.userId !== userId)
      return { heads: [...heads], hasMore: false, syncToken, changes: null };
    const now = new Map(texts);
    const changed = heads.filter(({ conversationId: id }) => before.heads.get(id) !== now.get(id));
    const left = [...before.heads.keys()].filter((id) => !now.has(id));
    return { heads: changed, hasMore: false, syncToken, changes: { left, total: heads.length } };
  }

  /** Forgets everything, as a node that starts again. */
  forget(): void {
    this.#compared.clear();
  }
}
