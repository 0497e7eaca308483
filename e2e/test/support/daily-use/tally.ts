/** How many actions of each kind were done. */
export class Tally {
  readonly #kinds: ReadonlyMap<string, Map<string, number>>;

  constructor(actionKinds: Readonly<Record<string, readonly { readonly name: string }[]>>) {
    this.#kinds = new Map(
      Object.entries(actionKinds).map(([kind, actions]) => [
        kind,
        new Map(actions.map(({ name }) => [name, 0])),
      ]),
    );
  }

  /** Counts an action; one that belongs to no kind is not counted. */
  add(name: string): void {
    for (const counts of this.#kinds.values()) {
      const count = counts.get(name);
      if (count !== undefined) counts.set(name, count + 1);
    }
  }

  get total(): number {
    return [...this.#kinds.values()].reduce((total, counts) => total + sumOf(counts), 0);
  }

  /** A line for each kind: the number of its actions, and how often each was done. */
  get lines(): readonly string[] {
    return [...this.#kinds].map(([kind, counts]) => {
      const done = [...counts].filter(([, count]) => count > 0);
      const parts = done.map(([name, count]) => `${name} ${String(count)}`).join(', ');
      return `${kind}: ${String(sumOf(counts))}${parts === '' ? '' : ` (${parts})`}`;
    });
  }
}

const sumOf = (counts: ReadonlyMap<string, number>) =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);
