import assert from 'node:assert/strict';
import { objectStoreVariables, testObjectStoreSettings } from '@parley/backend-common/testing';
import type { Attachment, MessageEntry, Upload } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { get, put } from '../support/attachment-node.ts';
import { ask, call, heard } from '../support/connections.ts';
import { picture, text } from '../support/files.ts';
import { metric, request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { newId } from '../support/test-log.ts';

interface Created {
  readonly attachment: Attachment;
  readonly upload: Extract<Upload, { kind: 'single' }>;
}

describe('an attachment, from the sender to the reader', function () {
  this.timeout(60_000);
  let stack: TestStack;
  let url = '';
  let metricsUrl = '';
  let ann: Person;
  let ben: Person;
  let stranger: Person;
  let a: Socket;
  let b: Socket;
  let conversationId = '';
  before(async () => {
    stack = await TestStack.create();
    const store = objectStoreVariables(testObjectStoreSettings());
    ({ metricsUrl, url } = await stack.node(store));
    [ann, ben, stranger] = [
      await stack.people.create(),
      await stack.people.create(),
      await stack.people.create(),
    ];
    conversationId = await stack.group(url, [ann, ben]);
    [a, b] = [await stack.connections.open(url, ann), await stack.connections.open(url, ben)];
    // Live events come for certain from here on.
    await call(b, 'sync');
  });
  after(() => stack.close());

  const create = async (file: { name: string; contentType: string; bytes: Uint8Array }) => {
    const { bytes, contentType, name } = file;
    const announced = { conversationId, name, contentType, size: bytes.length };
    return (await call(a, 'attachment:create', announced)) as Created;
  };

  it('goes from the sender through the store to the reader', async () => {
    const png = await picture('png');
    const { attachment, upload } = await create(png);
    const attachmentId = attachment.id;
    assert.deepEqual(Object.keys(upload.headers).sort(), ['content-type', 'if-none-match']);
    assert.equal((await put(upload.url, png.bytes, upload.headers)).status, 200);
    const path = `${url}/attachments/${attachmentId}`;
    const completed = await request(`${path}/complete`, { method: 'POST', as: ann });
    assert.equal((completed.body as Attachment).state, 'ready');
    const arrived = heard(b, 'entry', ({ kind }) => kind === 'message');
    const clientId = newId();
    await call(a, 'message:send', { conversationId, clientId, attachmentId });
    const entry = (await arrived) as MessageEntry;
    assert.deepEqual([entry.attachment?.id, entry.attachment?.width], [attachmentId, 1_200]);
    const answer = await call(b, 'attachment:url', { attachmentId });
    const { bytes } = await get((answer as { url: string }).url);
    assert.deepEqual(bytes, Buffer.from(png.bytes));
    assert.ok((await metric(metricsUrl, 'parley_attachments_total', 'event="sent"')) >= 1);
    const counted = await metric(metricsUrl, 'parley_attachment_bytes_total');
    assert.ok(counted >= png.bytes.length);
  });

  it('redirects users who can see it to the store', async () => {
    const note = text('Hello', 'Zettel, "geheim" تقرير.txt');
    const { attachment, upload } = await create(note);
    await put(upload.url, note.bytes, upload.headers);
    await call(a, 'attachment:complete', { attachmentId: attachment.id });
    const input = { conversationId, clientId: newId(), attachmentId: attachment.id };
    await call(a, 'message:send', input);
    const path = `${url}/attachments/${attachment.id}/content`;
    const as = (person: Person) => get(path, { authorization: `Bearer ${person.token}` });
    const answer = await as(ben);
    assert.deepEqual([answer.status, answer.bytes.length], [302, 0]);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const file = await get(answer.headers.get('location') ?? '');
    assert.equal(file.bytes.toString(), 'Hello');
    assert.equal((await as(stranger)).status, 404);
    assert.equal((await get(path)).status, 401);
    const wrong = await request(`${path}?variant=large`, { as: ben });
    assert.equal(wrong.status, 400);
    const twice = await request(`${path}?variant=thumbnail&variant=original`, { as: ben });
    assert.equal(twice.status, 400);
    assert.equal((await request(path, { method: 'POST', as: ben })).status, 404);
  });

  it('accepts only the upload for which its URL was signed', async () => {
    const note = text('Hello');
    const { attachment, upload } = await create(note);
    const { headers } = upload;
    const changed = (change: (url: URL) => void) => {
      const other = new URL(upload.url);
      change(other);
      return other.href;
    };
    const refused = [
      await put(upload.url, note.bytes, { ...headers, 'content-type': 'text/html' }),
      await put(upload.url, Buffer.from('Hello, and more'), headers),
      await put(upload.url, Buffer.from('H'), headers),
      await put(
        changed((to) => (to.pathname += 'x')),
        note.bytes,
        headers,
      ),
      await put(
        changed((to) => to.searchParams.set('X-Amz-Expires', '9999')),
        note.bytes,
        headers,
      ),
      await put(
        changed((to) => (to.search = '')),
        note.bytes,
        headers,
      ),
    ];
    for (const { status } of refused) assert.ok(status >= 400, `${status}`);
    assert.ok((await get(upload.url)).status >= 400);
    const early = await ask(a, 'attachment:complete', { attachmentId: attachment.id });
    assert.ok(!early.ok && early.error.code === 'upload_incomplete' && early.error.retryable);
    assert.equal((await put(upload.url, note.bytes, headers)).status, 200);
    const done = await ask(a, 'attachment:complete', { attachmentId: attachment.id });
    assert.ok(done.ok);
  });

  it('needs a message with a text or a known attachment', async () => {
    const bare = await ask(a, 'message:send', { conversationId, clientId: newId() });
    assert.equal(!bare.ok && bare.error.code, 'invalid_input');
    const blank = { conversationId, clientId: newId(), text: ' ', attachmentId: newId() };
    const answer = await ask(a, 'message:send', blank);
    assert.equal(!answer.ok && answer.error.code, 'invalid_input');
    const unknown = { conversationId, clientId: newId(), attachmentId: newId() };
    const missing = await ask(a, 'message:send', unknown);
    assert.equal(!missing.ok && missing.error.code, 'not_found');
  });
});
