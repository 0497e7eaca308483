import assert from 'node:assert/strict';
import { recordingLogger } from '@parley/backend-common/testing';

import { call, eventOf } from './support/connections.ts';
import { request } from './support/http.ts';
import type { Person } from './support/people.ts';
import { TestStack } from './support/stack.ts';

type Line = Record<string, unknown>;

describe('the log of a node', () => {
  let stack: TestStack;
  let url: string;
  let lines: readonly string[];
  let ann: Person;
  let ben: Person;
  let conversationId: string;

  before(async () => {
    stack = await TestStack.create();
    const recording = recordingLogger();
    lines = recording.lines;
    ({ url } = await stack.node({}, { logger: recording.logger }));
    [ann, ben] = [await stack.people.create(), await stack.people.create()];
    conversationId = await stack.direct(url, ann, ben);
  });
  after(() => stack.close());

  /** What one would find with grep. */
  const grep = (word: string) =>
    lines.filter((line) => line.includes(word)).map((line) => JSON.parse(line) as Line);

  it('follows a message from the request to the sockets that get it', async () => {
    const socket = await stack.connections.open(url, { token: ben.token });
    // From then on the socket is in its rooms.
    await call(socket, 'sync');
    const received = eventOf(socket, 'entry');
    const sent = await request(`${url}/conversations/${conversationId}/messages`, {
      method: 'POST',
      as: ann,
      headers: { 'x-request-id': 'request-of-ann' },
      body: { clientId: 'one', text: 'a secret that nobody logs' },
    });
    await received;
    const { id } = sent.body as { id: string };
    const found = grep(id);
    const operation = found.find((line) => line['operation'] === 'message:send');
    assert.equal(operation?.['requestId'], 'request-of-ann');
    assert.equal(operation['conversationId'], conversationId);
    assert.equal(operation['userId'], ann.userId);
    assert.equal(operation['clientId'], 'one');
    const emitted = found.find((line) => line['messageId'] === id);
    assert.deepEqual(emitted?.['socketIds'], [socket.id]);
    assert.ok(grep('request-of-ann').some((line) => line['method'] === 'POST'));
    assert.ok(!lines.join('').includes('a secret that nobody logs'));
  });

  it('names the socket of a message, and why one failed', async () => {
    const socket = await stack.connections.open(url, { token: ann.token });
    const entry = await call(socket, 'message:send', {
      ...{ conversationId, clientId: 'two', text: 'a secret that nobody logs' },
    });
    const [operation] = grep((entry as { id: string }).id);
    const ofSocket = grep((entry as { id: string }).id).find((line) => 'socketId' in line);
    assert.equal(ofSocket?.['socketId'] ?? operation?.['socketId'], socket.id);
    const body = { clientId: 'two', text: 'another secret' };
    await request(`${url}/conversations/${conversationId}/messages`, {
      ...{ method: 'POST', as: ann, body },
      headers: { 'x-request-id': 'request-that-failed' },
    });
    const failed = grep('request-that-failed').find((line) => 'operation' in line);
    assert.equal(failed?.['code'], 'client_id_reused');
    assert.ok(!lines.join('').includes('another secret'));
  });

  it('has what was deleted in its audit log, and who was refused', async () => {
    const path = `${url}/conversations/${conversationId}/messages`;
    const body = { clientId: 'three', text: 'Soon gone' };
    const sent = await request(path, { method: 'POST', as: ann, body });
    const { id } = sent.body as { id: string };
    const deletion = { method: 'DELETE', body: { clientId: 'four' } };
    const refused = await request(`${path}/${id}`, { ...deletion, as: ben });
    assert.equal(refused.status, 403);
    const deleted = await request(`${path}/${id}`, { ...deletion, as: ann });
    assert.ok(deleted.status < 300, JSON.stringify(deleted.body));
    const audited = lines
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => line['stream'] === 'audit')
      .map(({ event, target, userId }) => [
        event,
        userId,
        (target as Line | undefined)?.['messageId'],
      ]);
    assert.deepEqual(audited, [
      ['forbidden', ben.userId, undefined],
      ['message_deleted', ann.userId, id],
    ]);
  });

  it('says in its audit log whom a change of members or roles concerns, and what they may do now', async () => {
    const created = await request(`${url}/conversations`, {
      ...{ method: 'POST', as: ann },
      body: { kind: 'group', clientId: 'group', title: 'Lunch', userIds: [] },
    });
    const { id } = created.body as { id: string };
    const members = `${url}/conversations/${id}/members`;
    const userIds = [ben.userId];
    await request(members, { method: 'POST', as: ann, body: { userIds, clientId: 'add' } });
    const body = { role: 'admin', clientId: 'role' };
    await request(`${members}/${ben.userId}`, { method: 'PATCH', as: ann, body });
    const targets = grep('"audit"').filter(
      ({ target }) => (target as Line | undefined)?.['conversationId'] === id,
    );
    const change = { conversationId: id };
    assert.deepEqual(
      targets.map(({ event, target }) => [event, target]),
      [
        ['members_added', { ...change, clientId: 'add', userIds }],
        ['role_changed', { ...change, userId: ben.userId, ...body }],
      ],
    );
  });
});
