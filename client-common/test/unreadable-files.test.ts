import assert from 'node:assert/strict';

import type { Transfer } from '../src/uploads/index.ts';
import { readFirstByte } from '../src/uploads/transfer-xhr.ts';
import { PART } from './support/attachments.ts';
import { fileOf, UploadScene } from './support/upload-scene.ts';
import { standing } from './support/virtual-time.ts';

describe('A file that the device cannot read', () => {
  let at: UploadScene;
  let isReadable: boolean;
  let transfer: Transfer;
  beforeEach(async () => {
    at = await UploadScene.open();
    isReadable = false;
    transfer = {
      put: (request) => at.store.put(request),
      check: () => (isReadable ? Promise.resolve() : Promise.reject(new Error('NotReadable'))),
    };
  });
  afterEach(() => at.scene.close());

  it('fails at once, is not announced, and what is behind it goes on', async () => {
    const client = await at.client({ transfer });
    at.send(client, fileOf(10));
    client.conversation(at.conversation.id).send('behind');
    await standing('behind', () => at.stored().join() === 'behind');
    const failed = at.deliveries(client).filter((delivery) => delivery?.state === 'failed');
    assert.deepEqual(
      failed.map((delivery) => delivery.code),
      ['upload_incomplete'],
    );
    assert.equal(at.calls('attachment:create').length, 0);
    assert.equal(at.store.puts.length, 0);
  });

  it('fails when that happens during the upload, and is sent once it is supplied again', async () => {
    isReadable = true;
    at.store.outcome = ({ partNumber }) => {
      if (partNumber === 1) return 'store';
      isReadable = false;
      return 'break';
    };
    const client = await at.client({ transfer });
    const id = at.send(client, fileOf(3 * PART));
    await standing('a failure', () => at.last(client)?.state === 'failed');
    assert.equal(await at.failed(client), 'upload_incomplete');
    assert.equal(at.calls('attachment:cancel').length, 1);

    isReadable = true;
    at.store.outcome = () => 'store';
    client.uploads!.provide(at.conversation.id, id, fileOf(3 * PART));
    await at.sent(client);
    assert.deepEqual(at.stored(), ['3000.bin']);
  });

  it('is recognised by reading its first byte', async () => {
    await readFirstByte(fileOf(10));
    const gone = { slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) };
    const file = Object.assign(gone, { name: 'gone.txt', type: 'text/plain', size: 1 });
    await assert.rejects(readFirstByte(file), /gone/);
  });

  it('is not looked for where slices cannot be read', async () => {
    const file = { name: 'a.txt', type: 'text/plain', size: 1, slice: () => ({}) };
    await readFirstByte(file);
  });
});
