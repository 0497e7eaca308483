import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient, memoryPlatform } from '../src/index.ts';
import { fileStore } from '../src/node/index.ts';

describe('The store in a folder', () => {
  let parent: string;
  let folder: string;

  beforeEach(() => {
    parent = fs.mkdtempSync(join(tmpdir(), 'parley-file-store-'));
    folder = join(parent, 'a', 'b');
  });
  afterEach(() => fs.rmSync(parent, { recursive: true, force: true }));

  it('has what was set, also for the next process', async () => {
    const store = fileStore({ folder, fs });
    await store.set('a', '1');
    await store.set('a', '2');
    await store.set('b', 'ä😀\n');
    await store.remove('b');
    await store.remove('never set');
    const next = fileStore({ folder, fs });
    assert.deepEqual(await next.keys(), ['a']);
    assert.equal(await next.get('a'), '2');
    assert.equal(await next.get('b'), null);
  });

  it('has a value on the disk when set returns, for this user alone', () => {
    const store = fileStore({ folder, fs });
    void store.set('a', 'now');
    const [name = ''] = fs.readdirSync(folder);
    assert.equal(fs.readFileSync(join(folder, name), 'utf8'), 'now');
    assert.equal(fs.statSync(join(folder, name)).mode & 0o777, 0o600);
    assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
  });

  it('keeps all keys apart, whatever they contain', async () => {
    const store = fileStore({ folder, fs });
    const keys = [
      '',
      '.',
      '..',
      '../a',
      'a',
      'A',
      'a:b',
      'a/b',
      '%0041',
      'ä',
      '😀',
      'con',
      'a.value',
    ];
    for (const key of keys) await store.set(key, `value of ${key}`);
    for (const key of keys) assert.equal(await store.get(key), `value of ${key}`);
    assert.deepEqual([...(await store.keys())].sort(), keys.sort());
    assert.deepEqual(fs.readdirSync(parent), ['a']);
  });

  it('has the old value if a write is cut short, and rejects', async () => {
    const store = fileStore({ folder, fs });
    await store.set('a', 'old');
    const full = fileStore({
      folder,
      fs: {
        ...fs,
        writeFileSync: (path: string) => {
          fs.writeFileSync(path, 'ne');
          throw new Error('ENOSPC');
        },
      },
    });
    await assert.rejects(full.set('a', 'new'), /ENOSPC/);
    assert.equal(await store.get('a'), 'old');
    assert.deepEqual(await store.keys(), ['a']);
  });

  it('keeps a message that was written without a connection', async () => {
    const options = {
      url: 'http://127.0.0.1:1',
      credentials: () => Promise.resolve('token'),
      userId: '019b76da-a800-7a11-8a11-00000000000a',
      platform: { ...memoryPlatform(), isOnline: () => false },
    };
    const conversationId = '019b76da-a800-7900-8900-000000000001';
    const client = createClient({
      ...options,
      platform: { ...options.platform, storage: fileStore({ folder, fs }) },
    });
    client.start();
    client.conversation(conversationId).send('Kept');
    client.stop();
    const store = fileStore({ folder, fs });
    const values = await Promise.all((await store.keys()).map((key) => store.get(key)));
    assert.ok(values.some((value) => value?.includes('Kept')));
  });
});
