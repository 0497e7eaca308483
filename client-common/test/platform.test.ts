import assert from 'node:assert/strict';

import {
  browserPlatform,
  createClient,
  memoryPlatform,
  memoryStore,
  reactNativePlatform,
} from '../src/index.ts';

describe('The browser platform', () => {
  const restore: (() => void)[] = [];
  afterEach(() => {
    for (const undo of restore.splice(0)) undo();
  });

  /** Gives the page a global while the test runs. */
  function global(name: string, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    restore.push(() => {
      if (before) Object.defineProperty(globalThis, name, before);
      else Reflect.deleteProperty(globalThis, name);
    });
  }

  it('keeps values in localStorage before it answers', async () => {
    const values = new Map<string, string>();
    global('localStorage', {
      get length() {
        return values.size;
      },
      key: (index: number) => [...values.keys()][index] ?? null,
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => {
        if (value === 'large') throw new Error('QuotaExceededError');
        values.set(key, value);
      },
      removeItem: (key: string) => values.delete(key),
    });
    const { storage } = browserPlatform();
    const done = storage.set('a', '1');
    assert.equal(values.get('a'), '1');
    await done;
    await assert.rejects(storage.set('b', 'large'), /Quota/);
    assert.deepEqual(await storage.keys(), ['a']);
    assert.equal(await storage.get('a'), '1');
    await storage.remove('a');
    assert.equal(await storage.get('a'), null);
  });

  for (const [name, storage] of [
    ['there is none', undefined],
    [
      'it is refused',
      () => {
        throw new DOMException('Blocked', 'SecurityError');
      },
    ],
  ] as const) {
    it(`counts nothing as kept without localStorage, when ${name}`, async () => {
      const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
      Object.defineProperty(globalThis, 'localStorage', {
        configurable: true,
        ...(storage === undefined ? { value: undefined } : { get: storage }),
      });
      restore.push(() => {
        if (before) Object.defineProperty(globalThis, 'localStorage', before);
        else Reflect.deleteProperty(globalThis, 'localStorage');
      });
      const { storage: store } = browserPlatform();
      assert.notEqual(store.isSynchronous, true);
      await assert.rejects(store.set('a', '1'), /keeps nothing/);
      assert.equal(await store.get('a'), '1');
      await store.remove('a');
      assert.deepEqual(await store.keys(), []);
    });
  }

  it("reports changes of the network and of the page's visibility", () => {
    const target = new EventTarget();
    global('addEventListener', target.addEventListener.bind(target));
    global('removeEventListener', target.removeEventListener.bind(target));
    const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    global('document', document);
    global('navigator', { onLine: false });
    const platform = browserPlatform({ storage: memoryStore() });
    const heard: unknown[] = [];
    const stops = [
      platform.onOnlineChange?.((online) => heard.push(['online', online])),
      platform.onVisibilityChange?.((visible) => heard.push(['visible', visible])),
    ];
    assert.equal(platform.isOnline?.(), false);
    assert.equal(platform.isVisible?.(), false);
    target.dispatchEvent(new Event('online'));
    target.dispatchEvent(new Event('offline'));
    document.dispatchEvent(new Event('visibilitychange'));
    document.visibilityState = 'visible';
    assert.equal(platform.isVisible(), true);
    document.dispatchEvent(new Event('visibilitychange'));
    for (const stop of stops) stop?.();
    target.dispatchEvent(new Event('online'));
    document.dispatchEvent(new Event('visibilitychange'));
    assert.deepEqual(heard, [
      ['online', true],
      ['online', false],
      ['visible', false],
      ['visible', true],
    ]);
  });

  it('holds a lock until it is released', async () => {
    const held: string[] = [];
    const locks = {
      request: async (name: string, task: () => Promise<void>) => {
        held.push(`+${name}`);
        await task();
        held.push(`-${name}`);
      },
    };
    global('navigator', { locks });
    const lock = browserPlatform({ storage: memoryStore() }).lock?.('one');
    await lock?.held;
    assert.deepEqual(held, ['+one']);
    lock?.release();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(held, ['+one', '-one']);
  });
});

describe('The random numbers of every platform', () => {
  const parts = {
    asyncStorage: {
      getItem: () => Promise.resolve(null),
      setItem: () => Promise.resolve(),
      removeItem: () => Promise.resolve(),
      getAllKeys: () => Promise.resolve([]),
    },
    appState: { addEventListener: () => ({ remove: () => undefined }) },
  };
  const platforms = {
    memory: memoryPlatform(),
    browser: browserPlatform({ storage: memoryStore() }),
    'React Native': reactNativePlatform(parts),
  };
  const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
  const mathRandom = Math.random;

  beforeEach(() => {
    Math.random = () => assert.fail('Math.random is not secure');
  });
  afterEach(() => {
    Object.defineProperty(globalThis, 'crypto', crypto);
    Math.random = mathRandom;
  });

  for (const [name, { random }] of Object.entries(platforms)) {
    it(`come from crypto, from 0 up to but not including 1 (${name})`, () => {
      const given = [0, 2 ** 31, 2 ** 32 - 1];
      Object.defineProperty(globalThis, 'crypto', {
        configurable: true,
        value: { getRandomValues: (into: Uint32Array) => into.fill(given.shift() ?? 0) },
      });
      assert.deepEqual([random(), random()], [0, 0.5]);
      const last = random();
      assert.ok(last > 0.999 && last < 1);
    });

    it(`come from Math.random where there is no crypto (${name})`, () => {
      Object.defineProperty(globalThis, 'crypto', { configurable: true, value: undefined });
      Math.random = () => 0.25;
      assert.equal(random(), 0.25);
    });
  }

  it('make the keys of messages', () => {
    const client = createClient({
      url: 'http://127.0.0.1:1',
      credentials: () => Promise.resolve('token'),
      userId: 'u',
    });
    const conversation = client.conversation('c');
    const keys = new Set(Array.from({ length: 100 }, () => conversation.send('Hello')));
    assert.equal(keys.size, 100);
    for (const key of keys) assert.match(key, /^[a-z0-9]{26}$/);
  });
});

describe('The React Native platform', () => {
  it('uses what the app hands in', async () => {
    const values = new Map<string, string>();
    let change: (state: string) => void = () => undefined;
    let isRemoved = false;
    const appState = { currentState: 'active' };
    const platform = reactNativePlatform({
      asyncStorage: {
        getItem: (key) => Promise.resolve(values.get(key) ?? null),
        setItem: (key, value) => Promise.resolve(void values.set(key, value)),
        removeItem: (key) => Promise.resolve(void values.delete(key)),
        getAllKeys: () => Promise.resolve([...values.keys()]),
      },
      appState: {
        get currentState() {
          return appState.currentState;
        },
        addEventListener: (_type, listener) => {
          change = listener;
          return {
            remove: () => {
              isRemoved = true;
            },
          };
        },
      },
    });
    await platform.storage.set('a', '1');
    assert.equal(await platform.storage.get('a'), '1');
    assert.deepEqual(await platform.storage.keys(), ['a']);
    assert.equal(platform.isVisible?.(), true);
    appState.currentState = 'background';
    assert.equal(platform.isVisible(), false);
    await platform.storage.remove('a');
    assert.deepEqual(await platform.storage.keys(), []);

    const heard: boolean[] = [];
    const stop = platform.onVisibilityChange?.((visible) => heard.push(visible));
    for (const state of ['active', 'inactive', 'background']) change(state);
    stop?.();
    assert.deepEqual([heard, isRemoved], [[true, false, false], true]);
    assert.equal(platform.onOnlineChange, undefined);
  });
});
