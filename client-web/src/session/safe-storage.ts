/** The page's storage, or an in-memory replacement if the browser blocks it. */
export function safeStorage(
  storage: () => Storage,
): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  try {
    const found = storage();
    found.getItem('parley:probe');
    return found;
  } catch {
    const values = new Map<string, string>();
    return {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    };
  }
}
