import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3ObjectStore } from '@parley/backend-common';

import { storeOf } from '../support/object-store/stack-store.ts';
import { fetchWithin } from '../support/patience.ts';
import { call, PlainClient, register, type Account } from '../support/plain-client.ts';
import { testStack, type TestStack } from '../support/stack.ts';

const MIB = 1024 * 1024;
/** How often a request is repeated that is answered as retryable. */
const REPEATS = 5;
const PART = 16 * MIB;
const PARTS = 64;
const MOST_GROWTH = 30 * MIB;
/** Milliseconds for the whole of a large file. */
const LARGE_MS = 300_000;
const EXPIRY = { expiresInMs: 3_600_000 };

/** Makes the kernel forget the most memory that a process had (`man 5 proc`). */
const RESET_PEAK = '5';
const OURS = ['auth', 'messaging', 'web', 'object-store'];
const BETWEEN_MESSAGES_MS = 20;

/** Bytes of memory that a process has now, and at most had. */
async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** The checksum of a file of `count` equal parts. */
function checksum(part: Uint8Array, count: number): string {
  const hash = createHash('sha256');
  for (let index = 0; index < count; index += 1) hash.update(part);
  return hash.digest('hex');
}

/** The checksum of what a link leads to. */
async function checksumAt(url: string): Promise<string> {
  const { body, status } = await fetchWithin(url, {}, LARGE_MS);
  assert.equal(status, 200);
  const hash = createHash('sha256');
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest('hex');
}

/** Two users who send messages to each other until they are stopped. */
class Talk {
  readonly #a: PlainClient;
  readonly #b: PlainClient;
  readonly #conversationId: string;
  #isOver = false;
  #sent = 0;
  #talking: Promise<void> | undefined;

  constructor(a: PlainClient, b: PlainClient, conversationId: string) {
    [this.#a, this.#b, this.#conversationId] = [a, b, conversationId];
  }

  /** Messages that have arrived on the other side. */
  get arrived(): number {
    return this.#b.of(this.#conversationId).length;
  }

  begin(): void {
    this.#talking = this.#talk();
  }

  /** Stops; everything that was acknowledged must have arrived. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#talking;
    await this.#b.until(() => this.arrived >= this.#sent);
  }

  async #talk(): Promise<void> {
    while (!this.#isOver) {
      const clientId = `talk-${this.#sent}`;
      const input = { conversationId: this.#conversationId, clientId, text: clientId };
      await this.#a.request('message:send', input);
      this.#sent += 1;
      await delay(BETWEEN_MESSAGES_MS);
    }
  }
}

describe('a file of 1 GiB', function () {
  this.timeout(600_000);
  let parley: TestStack;
  let store: S3ObjectStore;
  let pid: number;

  before(async () => {
    parley = await testStack({ nodes: 1, env: { PARLEY_RATE_LIMITS: 'off' } });
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
      const answer = await fetchWithin(await store.presignPart(grant), { method: 'PUT', body });
      assert.equal(answer.status, 200);
      parts.push({ partNumber, etag: answer.headers.get('etag') ?? '' });
    }
    await store.completeMultipart({ key, uploadId, parts });
  }

  async function download(key: string): Promise<string> {
    const grant = { key, contentType: 'video/mp4', contentDisposition: 'inline', ...EXPIRY };
    return checksumAt(await store.presignGet(grant));
  }

  it('goes to the embedded store and back through signed URLs, in constant memory', async () => {
    const body = new Uint8Array(randomBytes(PART));
    // What code and buffers take once is not what a large file takes.
    await upload('small', 2, body);
    await download('small');
    const before = await memoryOf(pid);
    await upload('large', PARTS, body);
    assert.equal((await store.head('large'))?.size, PART * PARTS);
    assert.equal(await download('large'), checksum(body, PARTS));
    const after = await memoryOf(pid);
    const growth = after.peak - before.now;
    assert.ok(growth < MOST_GROWTH, `grew by ${Math.round(growth / MIB)} MiB`);
  });

  /** Uploads a file as a foreign program would, and completes the upload. Returns its id. */
  async function attach(
    as: Account,
    conversationId: string,
    { body, count, sha256 }: { body: Uint8Array<ArrayBuffer>; count: number; sha256: string },
  ): Promise<string> {
    const request = async (path: string, input: object) => {
      const request = { method: 'POST', path, token: as.token, body: input };
      let answer = await call(parley.origin, request);
      // As clients do: on a busy machine the check of a large file takes longer than a request may.
      for (let again = 0; again < REPEATS && answer.body['retryable'] === true; again += 1) {
        answer = await call(parley.origin, request);
      }
      assert.ok(answer.status < 300, JSON.stringify(answer.body));
      return answer.body;
    };
    const size = body.length * count;
    const announced = { name: 'large.bin', contentType: 'application/octet-stream', size, sha256 };
    const { attachment, upload: to } = await request('/attachments', {
      conversationId,
      ...announced,
    });
    const parts = [];
    for (const { partNumber, url } of to.parts as { partNumber: number; url: string }[]) {
      const answer = await fetchWithin(url, { method: 'PUT', body });
      assert.equal(answer.status, 200);
      parts.push({ partNumber, etag: answer.headers.get('etag') ?? '' });
    }
    await request(`/attachments/${attachment.id}/complete`, { parts });
    await request(`/conversations/${conversationId}/messages`, {
      clientId: attachment.id,
      attachmentId: attachment.id,
    });
    return String(attachment.id);
  }

  /** Downloads a received file by the link of the server. Returns its checksum. */
  async function fetchSent(as: Account, attachmentId: string): Promise<string> {
    const path = `/attachments/${attachmentId}/url`;
    const { body: link } = await call(parley.origin, { path, token: as.token });
    return checksumAt(String(link['url']));
  }

  it('goes from one person to another while people talk, and no service grows', async () => {
    const { origin, stack } = parley;
    const [ann, ben] = [await register(origin, 'Ann'), await register(origin, 'Ben')];
    const [a, b] = [new PlainClient(origin, ann.token), new PlainClient(origin, ben.token)];
    await Promise.all([a.synced(), b.synced()]);
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    const talk = new Talk(a, b, String(id));
    talk.begin();
    const body = new Uint8Array(randomBytes(PART));
    const transfer = async (count: number) => {
      const sha256 = checksum(body, count);
      const attachmentId = await attach(ann, id, { body, count, sha256 });
      assert.equal(await fetchSent(ben, attachmentId), sha256);
    };
    const services = stack.parts().filter(({ kind }) => OURS.includes(kind));
    assert.equal(services.length, OURS.length);
    /** The most memory that each service has while files are on their way. */
    const peaksDuring = async (work: () => Promise<void>) => {
      for (const { pid: each } of services) await writeFile(`/proc/${each}/clear_refs`, RESET_PEAK);
      await work();
      return Promise.all(services.map(async ({ pid: each }) => (await memoryOf(each)).peak));
    };
    await transfer(4);
    // As many bytes in small files, and about as many messages beside them: what only time takes is not what size takes.
    const small = await peaksDuring(async () => {
      for (let round = 0; round < PARTS / 4; round += 1) await transfer(4);
    });
    const arrivedBefore = talk.arrived;
    const large = await peaksDuring(() => transfer(PARTS));
    const arrivedMeanwhile = talk.arrived - arrivedBefore;
    await talk.end();
    for (const client of [a, b]) client.close();
    const growth = services.map(({ name }, index) => {
      const bytes = large[index]! - small[index]!;
      return { name, mib: Math.round(bytes / MIB), isTooMuch: bytes >= MOST_GROWTH };
    });
    assert.ok(!growth.some(({ isTooMuch }) => isTooMuch), JSON.stringify(growth));
    assert.ok(arrivedMeanwhile >= PARTS, `${arrivedMeanwhile} messages meanwhile`);
  });
});
