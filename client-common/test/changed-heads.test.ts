import assert from 'node:assert/strict';

import { AppError } from '@parley/common';
import { CONTRACT } from '@parley/common/contract';
import fc from 'fast-check';

import type { ServerEvents } from '../src/core/connection-events.ts';
import { Emitter } from '../src/core/emitter.ts';
import type { Client } from '../src/index.ts';
import { type ComparedConversation, HeadSync } from '../src/sync/head-sync.ts';
import { Comparisons } from './support/comparisons.ts';
import { Scene } from './support/scene.ts';
import type { Conversation } from './support/world.ts';

describe('A comparison after the first', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  const away = async (client: Client, what: () => void) => {
    scene.server.refusal = () => new AppError('unavailable');
    scene.server.cut(scene.ada);
    await scene.until('the loss', () => client.connection.get().status === 'waiting');
    what();
    scene.server.refusal = () => null;
    client.reconnect();
    await scene.synced(client);
  };
  const sinces = () => scene.server.inputs('sync').map(({ since }) => since ?? null);
  const lastSeqOf = (client: Client, { id }: Conversation) =>
    client.conversation(id).info.get()?.lastSeq;
  const say = (conversation: Conversation) =>
    scene.server.world.say(conversation, scene.bob, 'hello');

  it('asks for what has changed, and learns of it', async () => {
    const [quiet, busy, gone] = [1, 2, 3].map((count) => scene.createConversation(count));
    const client = await scene.online(scene.ada);
    await away(client, () => {
      say(busy!);
      gone!.memberships.delete(scene.ada);
    });
    await away(client, () => undefined);
    assert.deepEqual(sinces(), [null, 'token-0', 'token-1']);
    assert.equal(lastSeqOf(client, quiet!), 2);
    assert.equal(lastSeqOf(client, busy!), 4);
    assert.equal(client.conversation(gone!.id).info.get(), null);
  });

  it('asks an older server for everything', async () => {
    scene.server.revision = 12;
    scene.server.world.comparisons = undefined;
    const conversation = scene.createConversation(1);
    const client = await scene.online(scene.ada);
    await away(client, () => say(conversation));
    assert.deepEqual(sinces(), [null, null]);
    assert.equal(lastSeqOf(client, conversation), 3);
  });

  it('gets everything from a server that cannot tell', async () => {
    const [kept, gone] = [scene.createConversation(1), scene.createConversation(1)];
    const client = await scene.online(scene.ada);
    await away(client, () => {
      scene.server.world.comparisons?.forget();
      say(kept);
      gone.memberships.delete(scene.ada);
    });
    assert.deepEqual(sinces(), [null, 'token-0']);
    assert.equal(lastSeqOf(client, kept), 3);
    assert.equal(client.conversation(gone.id).info.get(), null);
  });

  it('asks for everything when a server refuses its token', async () => {
    const conversation = scene.createConversation(1);
    const client = await scene.online(scene.ada);
    scene.server.outcome = ({ input }) =>
      input['since'] === undefined ? 'answer' : new AppError('invalid_input');
    await away(client, () => say(conversation));
    assert.deepEqual(sinces(), [null, 'token-0', null]);
    assert.equal(lastSeqOf(client, conversation), 3);
  });

  it('compares everything when the server counts other conversations', async () => {
    const [kept, gone] = [scene.createConversation(1), scene.createConversation(1)];
    scene.server.world.comparisons = new (class extends Comparisons {
      /** It has lost what users have left. */
      override answer(...given: Parameters<Comparisons['answer']>) {
        const answer = super.answer(...given);
        return { ...answer, changes: answer.changes && { ...answer.changes, left: [] } };
      }
    })();
    const client = await scene.online(scene.ada);
    await away(client, () => gone.memberships.delete(scene.ada));
    assert.deepEqual(sinces(), [null, 'token-0', null]);
    assert.equal(client.conversation(gone.id).info.get(), null);
    await away(client, () => say(kept));
    assert.equal(sinces().at(-1), 'token-2');
    assert.equal(lastSeqOf(client, kept), 3);
  });

  it('asks again for what it did not get to know', async () => {
    scene.createConversation(1);
    const client = await scene.online(scene.ada);
    let isFailing = true;
    scene.server.outcome = ({ name }) =>
      name === 'conversation:get' && isFailing ? new AppError('forbidden') : 'answer';
    let fresh: Conversation | undefined;
    await away(client, () => {
      for (let index = 0; index < 50; index += 1) scene.createConversation(1);
      fresh = scene.createConversation(1);
      // Below the first page of the list.
      for (const entry of fresh.entries) entry.at = 1;
    });
    assert.equal(client.conversation(fresh!.id).info.get(), null);
    isFailing = false;
    await scene.until('the conversation', () => lastSeqOf(client, fresh!) === 2);
    const asked = sinces();
    assert.ok(asked.length >= 3);
    assert.deepEqual(new Set(asked.slice(1)), new Set(['token-0']));
  });

  it('does not ask with the token of another user', async () => {
    scene.createConversation(1);
    let userId = scene.ada;
    const client = await scene.online(scene.ada, { credentials: () => Promise.resolve(userId) });
    await client.signOut();
    userId = scene.bob;
    client.start();
    await scene.synced(client);
    assert.deepEqual(sinces(), [null, null]);
  });

  it('leads to what the server has, whatever happens between two comparisons', async () => {
    const client = await scene.online(scene.ada);
    const { world } = scene.server;
    const acts = ['say', 'read', 'mute', 'leave', 'join', 'create', 'title', 'cut'] as const;
    const step = fc.record({ act: fc.constantFrom(...acts), at: fc.nat(20), isLost: fc.boolean() });
    const change = { userIds: [scene.ada], role: null, senderId: scene.bob };
    const all: Conversation[] = [];
    const run = (act: (typeof acts)[number], conversation: Conversation | undefined) => {
      if (act === 'create') all.push(world.conversation([scene.bob, scene.ada], 'Group'));
      if (act === 'cut') scene.server.cut(scene.ada);
      if (conversation === undefined) return;
      const membership = conversation.memberships.get(scene.ada);
      if (act === 'join' && !membership) world.change(conversation, { ...change, action: 'added' });
      if (!membership) return;
      if (act === 'say') scene.say(conversation, 'hello');
      if (act === 'read') membership.readSeq = membership.deliveredSeq;
      if (act === 'mute') membership.settings = { ...membership.settings, archived: true };
      if (act === 'leave') world.change(conversation, { ...change, action: 'removed' });
      if (act === 'title') {
        conversation.title = `Title ${conversation.entries.length}`;
        const { title } = conversation;
        world.append(conversation, {
          ...{ kind: 'title', title, senderId: scene.bob, clientId: world.newId() },
        });
      }
    };
    const shown = () =>
      client.conversations
        .get()
        .conversations.map(({ id, lastSeq, settings, title }) => ({ id, lastSeq, settings, title }))
        .sort(byId);
    const stored = () =>
      all
        .filter(({ memberships }) => memberships.has(scene.ada))
        .map((each) => world.item(each, scene.ada))
        .map(({ id, lastSeq, settings, title }) => ({ id, lastSeq, settings, title }))
        .sort(byId);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        for (const { act, at, isLost } of steps) {
          scene.server.delivers = () => !isLost;
          run(act, all[at % Math.max(1, all.length)]);
        }
        scene.server.delivers = () => true;
        await away(client, () => undefined);
        await scene.until('the list', () => JSON.stringify(shown()) === JSON.stringify(stored()));
      }),
      { numRuns: 25 },
    );
    const asked = sinces().filter((since) => since !== null).length;
    assert.ok(asked >= 10, `asked for what has changed only ${asked} times`);
  }).timeout(60_000);
});

/** A conversation that is known, and what the comparison did with it. */
class Compared {
  readonly id: string;
  readonly state = {} as NonNullable<ComparedConversation['state']>;
  readonly did: string[] = [];
  readonly timeline = { isActive: false } as ComparedConversation['timeline'];

  constructor(id: string) {
    this.id = id;
  }

  applyHead() {
    this.did.push('compared');
    return false;
  }
  resumeSync = () => void this.did.push('resumed');
  remove = () => void this.did.push('removed');
  applyItem = () => undefined;
  applyPage = () => undefined;
}

it('A comparison with what has changed resumes what is missing in the other conversations', async () => {
  const all = ['changed', 'left', 'same'].map((id) => new Compared(id));
  const server = new Emitter<ServerEvents>();
  const answers = [
    { heads: all.map(({ id }) => ({ conversationId: id })), syncToken: 'one', changes: null },
    {
      ...{ heads: [{ conversationId: 'changed' }], syncToken: 'two' },
      changes: { left: ['left'], total: 3 },
    },
  ];
  let synced = 0;
  new HeadSync({
    runtime: { delay: () => () => undefined, random: () => 0 },
    connection: { isOnline: true, server, setSynced: () => void (synced += 1) },
    requests: {
      call: (name: string) =>
        Promise.resolve(
          name === 'sync'
            ? { ...answers.shift(), hasMore: false }
            : { conversations: [], nextCursor: null },
        ),
    } as never,
    conversations: {
      ...{ all, of: (id: string) => all.find((each) => each.id === id)!, first: () => [] },
      ...{ setReady: () => undefined, add: () => undefined },
    },
    refresher: { now: () => Promise.resolve() },
    catchUp: { run: () => Promise.resolve() },
    marks: { resume: () => undefined },
  });
  const ready = { contract: CONTRACT } as ServerEvents['ready'];
  for (const times of [1, 2]) {
    server.emit('ready', ready);
    for (let turns = 0; synced < times && turns < 100; turns += 1)
      await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(synced, 2);
  assert.deepEqual(
    all.map(({ did }) => did),
    [
      ['compared', 'compared'],
      ['compared', 'removed'],
      ['compared', 'resumed'],
    ],
  );
});

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}
