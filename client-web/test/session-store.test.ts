import assert from 'node:assert/strict';
import { AppError } from '@parley/common';
import type { User } from '@parley/common/contract';

import { SessionStore, USER_KEY } from '../src/session/session-store.ts';
import { user } from './support/builders.ts';

const ada = user(1, 'Ada');
/** What the server answers to a password. */
const refusals = (password: string) => {
  if (password === 'lost') return new AppError('unavailable');
  return new AppError(password === 'late' ? 'session_expired' : 'invalid_credentials');
};

/** A store whose server answers `me` as given, with its device storage. */
function build(me: () => Promise<User>, kept: Record<string, string> = {}) {
  const values = new Map(Object.entries(kept));
  const signedIn = { session: {} as never, user: ada };
  const store = new SessionStore({
    bff: {
      me,
      login: () => Promise.resolve(signedIn),
      register: () => Promise.resolve(signedIn),
      logout: () => Promise.resolve(),
      deleteMe: ({ password }) =>
        password === 'right' ? Promise.resolve() : Promise.reject(refusals(password)),
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

describe('session store', () => {
  it('asks the server when no user is remembered', async () => {
    const { store } = build(() => Promise.resolve(ada));
    assert.equal(store.get().status, 'checking');
    await store.check();
    assert.deepEqual(store.get(), { status: 'signed-in', user: ada });
  });

  it('uses a remembered user immediately, even without the server', async () => {
    const { store } = build(refuse('unavailable'), known);
    assert.deepEqual(store.get(), { status: 'signed-in', user: ada });
    await store.check();
    assert.equal(store.get().status, 'signed-in');
  });

  it('forgets the user of a deleted account, and keeps everything if the password is wrong', async () => {
    const { store, values } = build(() => Promise.resolve(ada), known);
    let wiped = 0;
    const wipe = () => {
      wiped += 1;
      // The server closes the socket before the page has wiped its data.
      store.end(true);
      return Promise.resolve();
    };
    await assert.rejects(store.deleteAccount('wrong', wipe));
    assert.equal(store.get().status, 'signed-in');
    assert.equal(wiped, 0);
    await store.deleteAccount('right', wipe);
    assert.deepEqual(store.get(), { status: 'signed-out', ended: false });
    assert.equal(wiped, 1);
    assert.equal(values.size, 0);
  });

  it('is signed out if the session has ended although the answer to a deletion was lost', async () => {
    const wipe = () => Promise.reject(new Error('Nothing is to be wiped'));
    const lost = build(() => Promise.resolve(ada), known);
    const deletion = lost.store.deleteAccount('lost', wipe);
    // The socket reports it, while the page waits for the answer.
    lost.store.end(true);
    await assert.rejects(deletion, { code: 'unavailable' });
    assert.deepEqual(lost.store.get(), { status: 'signed-out', ended: true });
    assert.equal(lost.values.size, 0);
    const late = build(() => Promise.resolve(ada), known);
    await assert.rejects(late.store.deleteAccount('late', wipe));
    assert.deepEqual(late.store.get(), { status: 'signed-out', ended: true });
  });

  it('stays signed in if a deletion did not reach the server, and ends with the session', async () => {
    const { store } = build(() => Promise.resolve(ada), known);
    await assert.rejects(store.deleteAccount('lost', () => Promise.resolve()));
    assert.equal(store.get().status, 'signed-in');
    store.end(true);
    assert.deepEqual(store.get(), { status: 'signed-out', ended: true });
  });

  it('is signed out if its data could not be wiped after the session has ended', async () => {
    const { store } = build(() => Promise.resolve(ada), known);
    const wipe = () => Promise.reject(new Error('The storage is broken'));
    await assert.rejects(store.deleteAccount('right', wipe));
    assert.equal(store.get().status, 'signed-out');
    await store.login({ username: 'ada', password: 'x' });
    await assert.rejects(store.logout(wipe));
    assert.equal(store.get().status, 'signed-out');
  });

  it('is unknown when no user is remembered and the server is unreachable', async () => {
    const { store } = build(refuse('unavailable'));
    await store.check();
    assert.equal(store.get().status, 'unreachable');
  });

  it('is signed out, and reports an ended session only if a user was signed in', async () => {
    const fresh = build(refuse('unauthenticated'));
    await fresh.store.check();
    assert.deepEqual(fresh.store.get(), { status: 'signed-out', ended: false });
    const ended = build(refuse('unauthenticated'), known);
    await ended.store.check();
    assert.deepEqual(ended.store.get(), { status: 'signed-out', ended: true });
    assert.equal(ended.values.size, 0);
  });

  it('asks the server when the stored user is malformed', () => {
    const { store } = build(refuse('unavailable'), { [USER_KEY]: '{' });
    assert.equal(store.get().status, 'checking');
  });

  it('notifies subscribers when the user signs in and out', async () => {
    const { store, values } = build(refuse('unauthenticated'));
    const seen: string[] = [];
    store.subscribe(() => seen.push(store.get().status));
    await store.login({ username: 'ada', password: 'x' });
    assert.ok(values.has(USER_KEY));
    let wiped = false;
    await store.logout(() => {
      // The socket reports that its session ended while the user signs out.
      store.end(true);
      wiped = true;
      return Promise.resolve();
    });
    assert.ok(wiped);
    assert.deepEqual(store.get(), { status: 'signed-out', ended: false });
    assert.deepEqual(seen, ['signed-in', 'signed-out']);
  });
});
