import assert from 'node:assert/strict';

import { AppError, DAY, HOUR } from '@parley/common';

import { memoryFiles } from '../src/uploads/index.ts';
import { Locks } from './support/locks.ts';
import { PART } from './support/attachments.ts';
import { fileOf, UploadScene } from './support/upload-scene.ts';

describe('An upload that meets a fault', () => {
  let at: UploadScene;
  beforeEach(async () => {
    at = await UploadScene.open();
  });
  afterEach(() => at.scene.close());

  /** The first `count` PUTs come to grief. */
  const first = (count: number, outcome: 'break' | 'lose-answer' | 'hang' | number) => {
    let left = count;
    at.store.outcome = () => {
      left -= 1;
      return left >= 0 ? outcome : 'store';
    };
  };
  const contentOf = async (id: string | null | undefined) => at.store.read(id ?? '');

  for (const size of [PART, 5 * PART]) {
    for (const outcome of ['break', 'lose-answer', 'hang', 500, 503] as const) {
      it(`goes on after PUTs that end in ${outcome}, with ${size / PART} parts`, async () => {
        first(outcome === 'hang' ? 1 : 4, outcome);
        const client = await at.client();
        const file = fileOf(size);
        at.send(client, file);
        await at.sent(client);
        const [message] = at.messages(client);
        assert.deepEqual(await contentOf(message?.attachment?.id), Buffer.from(await file.bytes()));
        assert.equal(at.calls('attachment:create').length, 1);
        assert.deepEqual(at.stored(), [file.name]);
      });
    }
  }

  it('takes a part as stored that the store says is there already', async () => {
    at.store.outcome = ({ attachmentId }) =>
      at.store.objects.has(attachmentId) ? 412 : 'lose-answer';
    const client = await at.client();
    at.send(client, fileOf(10));
    await at.sent(client);
    assert.equal(at.store.puts.length, 2);
  });

  it('requests new URLs once when they have expired', async () => {
    const client = await at.client();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    at.store.outcome = ({ partNumber }) =>
      partNumber <= 3 ? 'store' : gate.then(() => 'store' as const);
    at.send(client, fileOf(9 * PART));
    await at.scene.until('the middle', () => at.store.puts.length === 6);
    at.scene.time.jump(2 * HOUR);
    open();
    await at.sent(client);
    const resumed = at.calls('attachment:resume');
    assert.deepEqual(
      resumed.map((input) => (input['partNumbers'] as number[]).at(-1)),
      [9],
    );
    assert.equal(at.calls('attachment:create').length, 1);
    assert.equal(at.store.puts.length, 9);
  });

  it('requests a new URL for a part that the store refuses', async () => {
    const refused = new Set<string>();
    at.store.outcome = ({ url, partNumber }) => {
      if (partNumber !== 2 || refused.size > 0) return 'store';
      refused.add(url);
      return 403;
    };
    const client = await at.client();
    at.send(client, fileOf(4 * PART));
    await at.sent(client);
    const second = at.store.puts.filter(({ partNumber }) => partNumber === 2);
    assert.equal(second.length, 2);
    assert.notEqual(second[0]?.url, second[1]?.url);
  });

  it('fails when the store never answers while the server does, and can be tried again', async () => {
    at.store.outcome = () => 'break';
    const client = await at.client();
    const id = at.send(client, fileOf(3 * PART));
    assert.equal(await at.failed(client), 'unavailable');
    at.store.outcome = () => 'store';
    client.conversation(at.conversation.id).retry(id);
    await at.sent(client);
    assert.equal(at.calls('attachment:create').length, 1);
  });

  it('waits as long as it takes for a connection, and continues where it was', async () => {
    const client = await at.client();
    let done = 0;
    at.store.outcome = () => {
      done += 1;
      if (done <= 3) return 'store';
      if (at.scene.server.sockets(at.scene.ada).length > 0) {
        at.scene.server.refusal = () => new AppError('unavailable');
        at.scene.server.cut(at.scene.ada);
      }
      return 'break';
    };
    at.send(client, fileOf(6 * PART));
    await at.scene.until('offline', () => {
      const delivery = at.last(client);
      return delivery?.state === 'sending' && delivery.upload?.phase === 'waiting' && done > 3;
    });
    await at.scene.time.advance(HOUR / 2);
    assert.equal(at.last(client)?.state, 'sending');
    at.scene.server.refusal = () => null;
    at.store.outcome = () => 'store';
    client.reconnect();
    await at.sent(client);
    assert.equal(new Set(at.store.puts.slice(-3).map(({ partNumber }) => partNumber)).size, 3);
    assert.equal(at.calls('attachment:create').length, 1);
  });

  it('repeats the completion while bytes are missing, and then uploads the file again', async () => {
    let refusals = 3;
    at.scene.server.outcome = ({ name }) => {
      if (name !== 'attachment:complete' || refusals === 0) return 'answer';
      refusals -= 1;
      return new AppError('upload_incomplete');
    };
    const client = await at.client();
    at.send(client, fileOf(10));
    await at.sent(client);
    assert.equal(at.store.puts.length, 1);

    refusals = 8;
    at.send(client, fileOf(11));
    await at.sent(client);
    assert.equal(at.calls('attachment:create').length, 3);
    assert.equal(at.calls('attachment:cancel').length, 1);
    assert.deepEqual(at.stored(), ['10.bin', '11.bin']);
  });

  it('is sent once when answers to create, complete and send are lost', async () => {
    const client = await at.client();
    const lost = new Set<string>();
    at.scene.server.outcome = ({ name }) => {
      if (!/^(attachment|message):/.test(name) || lost.has(name)) return 'answer';
      lost.add(name);
      return 'drop-answer';
    };
    at.send(client, fileOf(3 * PART));
    await at.sent(client);
    assert.deepEqual(at.stored(), ['3000.bin']);
    assert.ok(lost.size >= 3);
  });

  describe('is cancelled', () => {
    const cases = {
      'while it waits for its turn': 'queued',
      'while it is announced': 'attachment:create',
      'while bytes are on their way': 'bytes',
      'while it is paused': 'paused',
      'while it is checked': 'attachment:complete',
      'after it failed': 'failed',
    } as const;
    for (const [name, where] of Object.entries(cases)) {
      it(name, async () => {
        const client = await at.client();
        at.store.outcome = () =>
          where === 'attachment:complete' || where === 'failed' ? 'store' : 'hang';
        at.scene.server.outcome = (call) => {
          if (call.name !== where) {
            const isCheck = where === 'failed' && call.name === 'attachment:complete';
            return isCheck ? new AppError('quota_exceeded') : 'answer';
          }
          return 'ignore';
        };
        if (where === 'queued') for (const each of ['a', 'b']) at.send(client, fileOf(5, each));
        const id = at.send(client, fileOf(10));
        client.conversation(at.conversation.id).send('behind');
        const asked = where.startsWith('attachment') ? where : null;
        await at.scene.until('the moment', () => {
          if (asked !== null) return at.calls(asked as 'attachment:create').length > 0;
          if (where === 'failed') return at.deliveries(client).some((d) => d?.state === 'failed');
          return at.store.puts.length === (where === 'queued' ? 2 : 1);
        });
        if (where === 'paused') client.uploads!.pause(at.conversation.id, id);
        assert.equal(client.conversation(at.conversation.id).discard(id), true);
        assert.ok(at.messages(client).every(({ clientId }) => clientId !== id));
        if (where === 'queued') return;
        at.scene.server.outcome = () => 'answer';
        await at.scene.until('behind', () => at.stored().join() === 'behind');
        if (where !== 'attachment:create') {
          await at.scene.until('told', () => at.calls('attachment:cancel').length === 1);
          assert.equal(at.attachments.uploads.size, 0);
        }
        assert.deepEqual(await at.kept(), []);
      });
    }
  });

  it('stops while it is paused, and continues with the rest', async () => {
    const client = await at.client();
    let puts = 0;
    at.store.outcome = () => {
      puts += 1;
      return puts <= 2 ? 'store' : 'hang';
    };
    const id = at.send(client, fileOf(6 * PART));
    await at.scene.until('three on their way', () => puts === 5);
    client.uploads!.pause(at.conversation.id, id);
    await at.scene.time.advance(HOUR / 4);
    const paused = at.last(client);
    assert.deepEqual(paused?.state === 'sending' && paused.upload, {
      phase: 'paused',
      sentBytes: 2 * PART,
      size: 6 * PART,
    });
    at.store.outcome = () => 'store';
    client.uploads!.resume(at.conversation.id, id);
    await at.sent(client);
    assert.equal(at.store.puts.length, 5 + 4);
  });

  describe('after a reload', () => {
    /** Stops a client in the middle of a file of six parts, two of which are stored. */
    const interrupted = async () => {
      let puts = 0;
      at.store.outcome = () => {
        puts += 1;
        return puts <= 2 ? 'store' : 'hang';
      };
      const client = await at.client();
      const id = at.send(client, fileOf(6 * PART), 'caption');
      await at.scene.until('the middle', () => puts === 5);
      await at.scene.time.advance(100);
      client.stop();
      at.store.outcome = () => 'store';
      return id;
    };

    it('continues with the missing parts', async () => {
      const id = await interrupted();
      const client = await at.client();
      assert.equal(at.messages(client)[0]?.clientId, id);
      await at.sent(client);
      assert.equal(at.calls('attachment:create').length, 1);
      assert.equal(at.store.puts.length, 5 + 4);
      const [message] = at.messages(client);
      assert.equal(message?.text, 'caption');
      const bytes = Buffer.from(await fileOf(6 * PART).bytes());
      assert.deepEqual(await contentOf(message.attachment?.id), bytes);
      assert.deepEqual(await at.kept(), []);
    });

    it('starts over after a day', async () => {
      await interrupted();
      at.scene.time.jump(DAY);
      at.attachments.uploads.clear();
      const client = await at.client();
      await at.sent(client);
      assert.equal(at.calls('attachment:create').length, 2);
    });

    it('starts over if the server does not know it any more', async () => {
      await interrupted();
      at.attachments.uploads.clear();
      const client = await at.client();
      await at.sent(client);
      assert.equal(at.calls('attachment:create').length, 2);
      assert.equal(at.calls('attachment:resume').length, 1);
    });

    it('fails if the file was not kept, and accepts only the same file again', async () => {
      const id = await interrupted();
      const client = await at.client({ files: memoryFiles() });
      assert.equal(await at.failed(client), 'upload_incomplete');
      const { provide } = client.uploads!;
      const size = 6 * PART;
      const others = [
        fileOf(size, 'other.bin'),
        fileOf(size - 1, `${size}.bin`),
        new File([await fileOf(size).bytes()], `${size}.bin`, { lastModified: 2_000 }),
      ];
      for (const other of others) {
        assert.throws(() => provide(at.conversation.id, id, other), { code: 'upload_mismatch' });
      }
      assert.throws(() => provide(at.conversation.id, 'nothing', fileOf(1)), { code: 'not_found' });
      provide(at.conversation.id, id, fileOf(size));
      await at.sent(client);
      assert.equal(at.calls('attachment:create').length, 1);
      assert.equal(at.store.puts.length, 5 + 4);
    });

    it('stays paused', async () => {
      at.store.outcome = () => 'hang';
      const before = await at.client();
      const id = at.send(before, fileOf(10));
      await at.scene.until('on its way', () => at.store.puts.length === 1);
      before.uploads!.pause(at.conversation.id, id);
      before.stop();
      at.store.outcome = () => 'store';
      const client = await at.client();
      await at.scene.time.advance(60_000);
      assert.equal(at.store.puts.length, 1);
      client.uploads!.resume(at.conversation.id, id);
      await at.sent(client);
    });

    it('does not stop the messages of a client that sends no files', async () => {
      await interrupted();
      const { scene, storage } = at;
      const { now, setTimeout } = scene.time;
      const client = await scene.online(scene.ada, { platform: { storage, now, setTimeout } });
      assert.equal(client.uploads, null);
      const elsewhere = scene.server.world.conversation([scene.ada, scene.bob], 'Group');
      client.conversation(elsewhere.id).send('elsewhere');
      await scene.until('sent', () => elsewhere.entries.length === 2);
    });

    it('is removed from the device when the person signs out', async () => {
      await interrupted();
      const client = await at.client();
      assert.equal((await at.files.keys()).length, 1);
      await client.signOut();
      assert.deepEqual(await at.files.keys(), []);
      assert.deepEqual(await at.kept(), []);
    });
  });

  it('removes files whose message does not exist any more', async () => {
    await at.files.put('of an old message', fileOf(3));
    await at.client();
    await at.scene.until('the sweep', () => true);
    await at.scene.time.advance(100);
    assert.deepEqual(await at.files.keys(), []);
  });

  it('of a closed tab goes on in another, and that of an open tab is left alone', async () => {
    const locks = new Locks();
    const lock = (name: string) => locks.request(name);
    at.store.outcome = () => 'hang';
    const one = await at.client({}, { lock });
    at.send(one, fileOf(10));
    await at.scene.until('on its way', () => at.store.puts.length === 1);
    const two = await at.client({}, { lock });
    await at.scene.time.advance(1_000);
    assert.deepEqual(at.messages(two), []);
    assert.equal((await at.files.keys()).length, 1);
    assert.equal(at.store.puts.length, 1);

    at.store.outcome = () => 'store';
    one.stop();
    await at.scene.until('there', () => at.messages(two).length === 1);
    await at.sent(two);
    assert.deepEqual(at.stored(), ['10.bin']);
  });

  it('of two tabs without locks is sent once', async () => {
    const one = await at.client();
    at.store.outcome = () => 'hang';
    at.send(one, fileOf(3 * PART));
    await at.scene.until('on its way', () => at.store.puts.length === 3);
    at.store.outcome = () => 'store';
    const two = await at.client();
    await at.sent(two);
    await at.sent(one);
    assert.deepEqual(at.stored(), ['3000.bin']);
  });
});
