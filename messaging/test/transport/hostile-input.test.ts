import assert from 'node:assert/strict';
import { LIMITS } from '@parley/common';
import type { Socket } from 'socket.io-client';

import { call, closed, heard, refusal } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { askRaw, sendRaw } from '../support/raw-packets.ts';
import { TestStack } from '../support/stack.ts';

describe('hostile input', () => {
  let stack: TestStack;
  let url: string;
  let ann: Person;
  let socket: Socket;

  before(async () => {
    stack = await TestStack.create();
    ({ url } = await stack.node({ PARLEY_RATE_LIMITS: 'off' }));
    ann = await stack.people.create();
  });
  beforeEach(async () => {
    socket = await stack.connections.open(url, ann);
  });
  after(() => stack.close());

  const codeOf = (answer: unknown) => (answer as { error?: { code: string } }).error?.code;
  const alive = async () => {
    const { heads } = (await call(socket, 'sync')) as { heads: unknown };
    assert.deepEqual(heads, []);
  };

  for (const name of [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'then',
    'error',
    'message',
    'auth:login',
    '1',
    '',
    'x'.repeat(10_000),
  ]) {
    it(`answers unknown_operation to an event called ${name.slice(0, 20) || 'nothing'}`, async () => {
      assert.equal(await refusal(socket, name, {}), 'unknown_operation');
      socket.emit(name, {});
      await alive();
    });
  }

  it('answers unknown_operation to an event whose name is a number', async () => {
    assert.equal(codeOf(await askRaw(socket, '[5,{}]')), 'unknown_operation');
  });

  it('runs events without an acknowledgement, and survives their failures', async () => {
    const [bo, cleo] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.direct(url, bo, cleo);
    const mine = await stack.connections.open(url, bo);
    const theirs = await stack.connections.open(url, cleo);
    await call(theirs, 'sync');
    const entry = heard(theirs, 'entry');
    mine.emit('no:such', {});
    mine.emit('message:send', { conversationId });
    mine.emit('message:send', { conversationId, clientId: 'one', text: 'Hello' });
    assert.equal((await entry).clientId, 'one');
  });

  it('treats a missing payload as an empty one', async () => {
    const { heads, hasMore } = (await call(socket, 'sync')) as Record<string, unknown>;
    assert.deepEqual({ heads, hasMore }, { heads: [], hasMore: false });
  });

  const malformed: [what: string, given: unknown[]][] = [
    ['two payloads', [{}, {}]],
    ['null', [null]],
    ['a list', [[]]],
    ['a number', [7]],
    ['a text', ['limit']],
    ['a field that nobody knows', [{ everything: true }]],
    ['a wrong type', [{ limit: '5' }]],
    ['a query operator', [{ after: { $ne: null } }]],
    ['bytes', [Buffer.from('sync')]],
    ['bytes in a field', [{ after: Buffer.from('sync') }]],
  ];
  for (const [what, given] of malformed) {
    it(`answers invalid_input to ${what}`, async () => {
      assert.equal(await refusal(socket, 'sync', ...given), 'invalid_input');
      await alive();
    });
  }

  it('answers invalid_input to keys that name a prototype, and changes none', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const answer = await askRaw(socket, `["sync",{"${key}":{"polluted":true}}]`);
      assert.equal(codeOf(answer), 'invalid_input');
    }
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  it('answers invalid_input to 20,000 levels of JSON', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    assert.equal(codeOf(await askRaw(socket, `["sync",${deep}]`)), 'invalid_input');
    const objects = `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`;
    assert.equal(codeOf(await askRaw(socket, `["sync",${objects}]`)), 'invalid_input');
    const { status } = await request(`${url}/sync`, { method: 'POST', as: ann, body: deep });
    assert.equal(status, 400);
    await alive();
  });

  it('survives 20,000 levels around attached bytes', async () => {
    const other = await stack.connections.open(url, ann);
    const placeholder = '{"_placeholder":true,"num":0}';
    sendRaw(other, `51-["sync",${'['.repeat(20_000)}${placeholder}${']'.repeat(20_000)}]`);
    sendRaw(other, Buffer.from('bytes'));
    const answered = refusal(other, 'no:such').catch(() => undefined);
    assert.match((await Promise.race([closed(other), answered])) ?? '', /^transport|^unknown/);
    await alive();
  });

  it('closes the connection of a frame above 128 KiB, and no other', async () => {
    const other = await stack.connections.open(url, ann);
    const end = closed(other);
    other.emit('sync', { after: 'x'.repeat(LIMITS.frameBytes) });
    assert.match(await end, /^transport/);
    await alive();
  });

  for (const [what, text] of [
    ['10,000 emoji', '😀'.repeat(10_000)],
    ['10,000 letters with accents, not composed', 'e\u0301'.repeat(10_000)],
    ['10,000 Chinese characters', '漢'.repeat(10_000)],
    ['10,000 quotation marks', '"'.repeat(10_000)],
    ['10,000 line feeds and a letter', `a${'\n'.repeat(9_999)}`],
  ] as const) {
    it(`takes ${what} that JSON escapes, over both transports`, async () => {
      const [bo, cleo] = [await stack.people.create(), await stack.people.create()];
      const conversationId = await stack.direct(url, bo, cleo);
      const mine = await stack.connections.open(url, bo);
      const body = escaped({ clientId: 'http', text });
      const path = `${url}/conversations/${conversationId}/messages`;
      const { body: sent, status } = await request(path, { method: 'POST', as: bo, body });
      assert.equal(status, 200, JSON.stringify(sent).slice(0, 200));
      const input = escaped({ conversationId, clientId: 'socket', text });
      const answer = (await askRaw(mine, `["message:send",${input}]`)) as { ok: boolean };
      assert.equal(answer.ok, true, JSON.stringify(answer).slice(0, 200));
    });
  }

  const broken: [what: string, packet: string][] = [
    ['of an unknown type', '9'],
    ['that is no JSON', '2["sync",'],
    ['that is no list', '2{"sync":1}'],
    ['without an event', '2[]'],
    ['with a reserved event', '2["disconnecting"]'],
    ['that announces attachments', '5100000-["sync"]'],
    ['that connects again', '0{"token":"x"}'],
  ];
  for (const [what, packet] of broken) {
    it(`closes the connection of a packet ${what}, and no other`, async () => {
      const other = await stack.connections.open(url, ann);
      const end = closed(other);
      sendRaw(other, packet);
      assert.match(await end, /^transport/);
      await alive();
    });
  }

  it('ignores an acknowledgement that nobody waits for', async () => {
    sendRaw(socket, '31[{}]');
    sendRaw(socket, '3999999999999[{}]');
    await alive();
  });
});

/** JSON in ASCII alone, as Python writes it. */
function escaped(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
