import assert from 'node:assert/strict';
import { AppError } from '@parley/common';
import type { User } from '@parley/common/contract';

import { SessionStore, USER_KEY } from '../src/session/session-store.ts';
import { user } from './support/builders.ts';

const ada = user(1, 'Ada');

/** A store over a server that answers `me` as given, and what it keeps on the device. */
function build(me: () => Promise<User>, kept: Record<string, string> = {}) {
  const values = new Map(Object.entries(kept));
  const signedIn = { session: {} as never, user: ada };
  const store = new SessionStore({
    bff: {
      me,
      login: () => Promise.resolve(signedIn),
      register: () => Promise.resolve(signedIn),
      logout: () => Promise.resolve(),
    },
    storage: {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    },
  });
  return { store, values };
}

const refuse = (code: 'unauthenticated' | 'unavailable') => () =>
  Promise.reject(new AppError(code));
const known = { [USER_KEY]: JSON.stringify(ada) };

describe('who is signed in', () => {
  it('is asked when nobody is known', async () => {
    const { store } = build(() => Promise.resolve(ada));
    assert.equal(store.get().status, 'checking');
    await store.check();
    assert.deepEqual(store.get(), { status: 'signed-in', user: ada });
  });

  it('is known at once on a device that remembers, also without the server', async () => {
    const { store } = build(refuse('unavailable'), known);
    assert.deepEqual(store.get(), { status: 'signed-in', user: ada });
    await store.check();
    assert.equal(store.get().status, 'signed-in');
  });

  it('is unknown when nobody is remembered and the server is away', async () => {
    const { store } = build(refuse('unavailable'));
    await store.check();
    assert.equal(store.get().status, 'unreachable');
  });

  it('is nobody, said as a surprise only where somebody was', async () => {
    const fresh = build(refuse('unauthenticated'));
    await fresh.store.check();
    assert.deepEqual(fresh.store.get(), { status: 'signed-out', ended: false });
    const ended = build(refuse('unauthenticated'), known);
    await ended.store.check();
    assert.deepEqual(ended.store.get(), { status: 'signed-out', ended: true });
    assert.equal(ended.values.size, 0);
  });

  it('starts anew where what is kept is broken', () => {
    const { store } = build(refuse('unavailable'), { [USER_KEY]: '{' });
    assert.equal(store.get().status, 'checking');
  });

  it('changes with signing in and out, and tells', async () => {
    const { store, values } = build(refuse('unauthenticated'));
    const seen: string[] = [];
    store.subscribe(() => seen.push(store.get().status));
    await store.login({ username: 'ada', password: 'x' });
    assert.ok(values.has(USER_KEY));
    let wiped = false;
    await store.logout(() => {
      // The socket is told that its session ended while the person signs out.
      store.end(true);
      wiped = true;
      return Promise.resolve();
    });
    assert.ok(wiped);
    assert.deepEqual(store.get(), { status: 'signed-out', ended: false });
    assert.deepEqual(seen, ['signed-in', 'signed-out']);
  });
});
