import assert from 'node:assert/strict';

import { safeStorage } from '../src/session/safe-storage.ts';

/** A page's storage that can be full. */
function build() {
  const values = new Map<string, string>();
  const page = {
    isFull: false,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (page.isFull) throw new DOMException('Full', 'QuotaExceededError');
      values.set(key, value);
    },
    removeItem: (key: string) => void values.delete(key),
  };
  return { page, values, storage: safeStorage(() => page as unknown as Storage) };
}

describe('safe storage', () => {
  it('keeps values in the storage of the page', () => {
    const { storage, values } = build();
    storage.setItem('user', 'Ada');
    assert.equal(storage.getItem('user'), 'Ada');
    assert.deepEqual([...values], [['user', 'Ada']]);
    storage.removeItem('user');
    assert.equal(storage.getItem('user'), null);
  });

  it('keeps what finds no room until the page is closed, and leaves no older value behind', () => {
    const { page, storage, values } = build();
    storage.setItem('user', 'Ada');
    page.isFull = true;
    storage.setItem('user', 'Ben');
    assert.equal(storage.getItem('user'), 'Ben');
    assert.equal(values.size, 0);
    storage.removeItem('user');
    assert.equal(storage.getItem('user'), null);
  });

  it('uses the storage again once there is room', () => {
    const { page, storage, values } = build();
    page.isFull = true;
    storage.setItem('user', 'Ada');
    page.isFull = false;
    storage.setItem('user', 'Ben');
    assert.deepEqual([...values], [['user', 'Ben']]);
    assert.equal(storage.getItem('user'), 'Ben');
  });

  it('works in a browser that blocks storage', () => {
    const storage = safeStorage(() => {
      throw new DOMException('Blocked', 'SecurityError');
    });
    storage.setItem('user', 'Ada');
    assert.equal(storage.getItem('user'), 'Ada');
    storage.removeItem('user');
    assert.equal(storage.getItem('user'), null);
  });
});
