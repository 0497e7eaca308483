import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { S3ObjectStore } from '@parley/backend-common';

import { storeOf } from '../support/object-store/stack-store.ts';
import { testStack, type TestStack } from '../support/stack.ts';

const MIB = 1024 * 1024;
const PART = 16 * MIB;
const PARTS = 64;
const MOST_GROWTH = 30 * MIB;
const EXPIRY = { expiresInMs: 3_600_000 };

/** Bytes of memory that a process has now, and at most had. */
async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

describe('a file of 1 GiB', function () {
  this.timeout(600_000);
  let parley: TestStack;
  let store: S3ObjectStore;
  let pid: number;

  before(async () => {
    parley = await testStack({ nodes: 1 });
    const { stack } = parley;
    pid = stack.parts().find(({ kind }) => kind === 'object-store')!.pid;
    store = await storeOf(stack);
  });

  after(async () => {
    store.close();
    await parley.close();
  });

  async function upload(key: string, count: number, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const uploadId = await store.createMultipart({ key, contentType: 'video/mp4' });
    const parts = [];
    for (let partNumber = 1; partNumber <= count; partNumber++) {
      const grant = { key, uploadId, partNumber, contentLength: body.length, ...EXPIRY };
      const answer = await fetch(await store.presignPart(grant), { method: 'PUT', body });
      assert.equal(answer.status, 200);
      parts.push({ partNumber, etag: answer.headers.get('etag') ?? '' });
    }
    await store.completeMultipart({ key, uploadId, parts });
  }

  async function download(key: string): Promise<string> {
    const grant = { key, contentType: 'video/mp4', contentDisposition: 'inline', ...EXPIRY };
    const { body, status } = await fetch(await store.presignGet(grant));
    assert.equal(status, 200);
    const hash = createHash('sha256');
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk);
    return hash.digest('hex');
  }

  it('goes to the embedded store and back through signed URLs, in constant memory', async () => {
    const body = new Uint8Array(randomBytes(PART));
    // What code and buffers take once is not what a large file takes.
    await upload('small', 2, body);
    await download('small');
    const before = await memoryOf(pid);
    await upload('large', PARTS, body);
    assert.equal((await store.head('large'))?.size, PART * PARTS);
    const hash = createHash('sha256');
    for (let part = 0; part < PARTS; part++) hash.update(body);
    assert.equal(await download('large'), hash.digest('hex'));
    const after = await memoryOf(pid);
    const growth = after.peak - before.now;
    assert.ok(growth < MOST_GROWTH, `grew by ${Math.round(growth / MIB)} MiB`);
  });
});
