type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The page's storage. What the browser does not keep (blocked, full) lasts until the page is closed. */
export function safeStorage(storage: () => Storage): Kept {
  const values = new Map<string, string>();
  const attempt = <Result>(task: (kept: Storage) => Result): Result | undefined => {
    try {
      return task(storage());
    } catch {
      return undefined;
    }
  };
  const removeItem = (key: string) => {
    values.delete(key);
    attempt((kept) => kept.removeItem(key));
  };
  return {
    getItem: (key) => values.get(key) ?? attempt((kept) => kept.getItem(key)) ?? null,
    setItem: (key, value) => {
      const isKept = attempt((kept) => (kept.setItem(key, value), true));
      if (isKept) {
        values.delete(key);
        return;
      }
      // The next start must not find an outdated value.
      removeItem(key);
      values.set(key, value);
    },
    removeItem,
  };
}
