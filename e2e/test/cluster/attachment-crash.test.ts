import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { fetchWithin, settledWithin } from '../support/patience.ts';
import { call, register, type Account } from '../support/plain-client.ts';
import { testStack, type TestStack } from '../support/stack.ts';

const LANES = 4;
const KILLS = 3;
/** Files that must have gone through between two kills. */
const BETWEEN = 12;
const BYTES = 20_000;
const POLL_MS = 50;
/** Milliseconds for each step: the parts restart, and the leases of the killed nodes end. */
const LONGEST_WAIT_MS = 240_000;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

interface UploadTarget {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** A file of which a client was answered that it is sent, cancelled or deleted. */
interface Done {
  readonly end: 'sent' | 'cancelled' | 'deleted';
  readonly attachmentId: string;
  readonly sha256: string;
  readonly owner: Account;
}

const ENDS: readonly Done['end'][] = ['sent', 'sent', 'cancelled', 'deleted'];

describe('a kill -9 of every node and the store while people send files', function () {
  this.timeout(900_000);
  let parley: TestStack;
  let isOver = false;
  const done: Done[] = [];
  /** What each user waits for, with the last answer. */
  const waits = new Map<string, string>();
  const awaited = () => [...waits].map(([name, wait]) => `${name}: ${wait}`).join('; ');

  before(async () => {
    parley = await testStack({ nodes: 2, env: { PARLEY_RATE_LIMITS: 'off' } });
  });
  after(async () => {
    isOver = true;
    await parley.close();
  });

  /** Repeats a request, as our client does, until the answer is final. */
  async function request(as: Account, line: string, body?: object): Promise<Answer> {
    const [method = '', path = ''] = line.split(' ');
    waits.set(as.username, line);
    for (;;) {
      const request = { method, path, token: as.token, ...(body === undefined ? {} : { body }) };
      const answer = await call(parley.origin, request).catch((error: unknown) => error);
      if (isAnswer(answer) && !isForNow(answer)) return answer;
      waits.set(as.username, `${line}, last answered ${textOf(answer)}`);
      if (isOver) throw new Error('The test is over');
      await delay(POLL_MS);
    }
  }

  async function upload(owner: Account, to: UploadTarget, body: Buffer): Promise<void> {
    for (;;) {
      const put = { method: 'PUT', headers: to.headers, body: new Uint8Array(body) };
      const sent = fetchWithin(to.url, put);
      const status = await sent.then((answer) => answer.status).catch(() => 0);
      // 412: an earlier try has arrived, and its answer was lost.
      if (status === 200 || status === 412) return;
      assert.ok(status === 0 || status >= 500, `The store refuses an upload with ${status}`);
      waits.set(owner.username, `the upload, last answered ${status}`);
      if (isOver) throw new Error('The test is over');
      await delay(POLL_MS);
    }
  }

  async function sendOne(owner: Account, conversationId: string, end: Done['end']): Promise<void> {
    const bytes = randomBytes(BYTES);
    const file = { name: 'a.bin', contentType: 'application/octet-stream', size: BYTES };
    const created = await request(owner, 'POST /attachments', { conversationId, ...file });
    assert.equal(created.status, 200, JSON.stringify(created.body));
    const { attachment, upload: to } = created.body as {
      attachment: { id: string };
      upload: UploadTarget;
    };
    await upload(owner, to, bytes);
    const path = `/attachments/${attachment.id}`;
    const { body, status } = await request(owner, `POST ${path}/complete`, {});
    assert.equal(status, 200, JSON.stringify(body));
    const takeBack = async (line: string, input?: object) => {
      const answer = await request(owner, line, input);
      assert.ok(answer.status < 300, JSON.stringify([line, answer]));
    };
    if (end === 'cancelled') await takeBack(`DELETE ${path}`);
    else {
      const messages = `/conversations/${conversationId}/messages`;
      const input = { clientId: attachment.id, attachmentId: attachment.id };
      const sent = await request(owner, `POST ${messages}`, input);
      assert.ok(sent.status < 300, JSON.stringify(sent.body));
      const own = { clientId: `${attachment.id}-gone` };
      if (end === 'deleted') await takeBack(`DELETE ${messages}/${String(sent.body['id'])}`, own);
    }
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    done.push({ end, attachmentId: attachment.id, sha256, owner });
    waits.set(owner.username, 'nothing');
  }

  it('loses no file that was sent, and keeps none that was taken back', async () => {
    const ben = await register(parley.origin, 'Ben');
    const sending = { isOn: true };
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      const owner = await register(parley.origin, `Sender-${lane}`);
      const made = await request(owner, 'POST /conversations', {
        kind: 'direct',
        userId: ben.userId,
      });
      for (let index = lane; sending.isOn; index += 1) {
        await sendOne(owner, String(made.body['id']), ENDS[index % ENDS.length]!);
      }
    });
    const all = Promise.all(lanes);
    // A lane that fails fails the test where it is awaited; one that ends after the test has failed says no more.
    all.catch(() => undefined);
    const { stack } = parley;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = done.length;
      const sent = async () => {
        while (done.length < before + BETWEEN) await Promise.race([delay(POLL_MS), all]);
      };
      await settledWithin(sent(), LONGEST_WAIT_MS, awaited);
      const killed = stack
        .parts()
        .filter(({ kind }) => kind === 'messaging' || kind === 'object-store');
      assert.equal(killed.length, 3);
      const restarted = killed.map(({ name }) => stack.restarted(name));
      for (const { pid } of killed) process.kill(pid, 'SIGKILL');
      await settledWithin(Promise.all(restarted), LONGEST_WAIT_MS, () => 'for the restart');
    }
    sending.isOn = false;
    await settledWithin(all, LONGEST_WAIT_MS, awaited);

    assert.deepEqual([...new Set(done.map(({ end }) => end))].sort(), [...new Set(ENDS)].sort());
    for (const { attachmentId, end, owner, sha256 } of done) {
      const { body, status } = await request(owner, `GET /attachments/${attachmentId}/url`);
      assert.equal(status, end === 'sent' ? 200 : 404, `${end}: ${JSON.stringify(body)}`);
      if (end !== 'sent') continue;
      const file = await fetchWithin(String(body['url']));
      const bytes = Buffer.from(await file.arrayBuffer());
      assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256);
    }
  });
});

function isAnswer(answer: unknown): answer is Answer {
  return !(answer instanceof Error);
}

/** An answer, or why there was none. */
function textOf(answer: unknown): string {
  return isAnswer(answer) ? JSON.stringify(answer) : String(answer);
}

/** Whether an answer only says that it cannot be said now. */
function isForNow({ body, status }: Answer): boolean {
  return status >= 500 || body['retryable'] === true;
}
