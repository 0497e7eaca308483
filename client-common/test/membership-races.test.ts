import assert from 'node:assert/strict';

import { AppError } from '@parley/common';
import type { OperationName } from '@parley/common/contract';

import type { Client } from '../src/index.ts';
import { Scene, texts } from './support/scene.ts';
import type { Conversation } from './support/world.ts';

/** An answer is older than a change of the membership that an event has already reported. */
describe('An answer that is older than a change of the membership', () => {
  let scene: Scene;
  let client: Client;
  let conversation: Conversation;
  beforeEach(async () => {
    scene = await Scene.open();
    conversation = scene.server.world.conversation([scene.bob, scene.ada], 'Group');
    scene.server.world.say(conversation, scene.bob, 'then');
    client = await scene.online(scene.ada);
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    await scene.until('the page', () => texts(client, conversation.id).includes('then'));
  });
  afterEach(() => scene.close());

  const isMember = () => client.conversation(conversation.id).info.get() !== null;
  const change = (action: 'added' | 'removed') => {
    const { server, ada, bob } = scene;
    const to = { userIds: [ada], role: null, senderId: bob };
    server.world.change(conversation, { ...to, action });
    const { id: conversationId } = conversation;
    const itemOfAda = () => server.world.item(conversation, ada);
    const payload =
      action === 'added' ? { action, conversation: itemOfAda() } : { action, conversationId };
    server.emit({ userIds: [ada], event: 'conversation', payload });
  };
  /** Holds the next answer to an operation. Resolves with the release when that answer is ready. */
  const hold = (name: OperationName): Promise<() => void> =>
    new Promise((ready) => {
      scene.server.held = (call) => {
        if (call.name !== name) return undefined;
        scene.server.held = () => undefined;
        return new Promise((release) => ready(release));
      };
    });
  const answered = (promise: Promise<() => void>) => {
    let release: (() => void) | undefined;
    void promise.then((each) => (release = each));
    return scene.until('the answer', () => release !== undefined).then(() => release!);
  };
  const retitle = () => {
    const draft = { kind: 'title', senderId: scene.bob, clientId: scene.server.world.newId() };
    const payload = scene.server.world.append(conversation, { ...draft, title: 'Other' } as never);
    scene.server.emit({ userIds: [scene.ada], event: 'entry', payload });
  };

  it('does not take the user out of a conversation to which they were added again', async () => {
    const held = hold('conversation:get');
    // Only the server can explain this one, so the client asks; the answer is that the user is no member.
    retitle();
    const { world } = scene.server;
    const to = { userIds: [scene.ada], role: null, senderId: scene.bob } as const;
    world.change(conversation, { ...to, action: 'removed' });
    const release = await answered(held);
    change('added');
    await scene.until('the new membership', () => texts(client, conversation.id).length === 0);
    scene.say(conversation, 'now');
    release();
    await scene.until('the new entry', () => texts(client, conversation.id).includes('now'));
    assert.ok(isMember());
  });

  it('does not bring back a conversation that the user has left', async () => {
    const held = hold('conversation:get');
    retitle();
    const release = await answered(held);
    change('removed');
    await scene.until('the removal', () => !isMember());
    release();
    const asked = scene.server.inputs('conversation:get').length;
    await scene.until('another request', () => {
      return scene.server.inputs('conversation:get').length > asked;
    });
    assert.ok(!isMember());
  });

  it('does not put entries of the former membership into the new one', async () => {
    scene.server.delivers = ({ event }) => event !== 'entry';
    const held = hold('conversation:entries');
    scene.say(conversation, 'lost');
    scene.server.delivers = () => true;
    scene.say(conversation, 'before');
    const release = await answered(held);
    change('removed');
    change('added');
    scene.server.delivers = ({ event }) => event !== 'entry';
    scene.say(conversation, 'now');
    scene.server.delivers = () => true;
    release();
    scene.say(conversation, 'then that');
    await scene.until('all of the new', () => texts(client, conversation.id).length === 2);
    assert.deepEqual(texts(client, conversation.id), ['now', 'then that']);
  });

  it('does not fail the pages of the new membership', async () => {
    const held = hold('conversation:entries');
    scene.server.outcome = ({ name }) =>
      name === 'conversation:entries' ? new AppError('not_found') : 'answer';
    scene.server.delivers = ({ event }) => event !== 'entry';
    scene.say(conversation, 'lost');
    scene.server.delivers = () => true;
    scene.say(conversation, 'before');
    const release = await answered(held);
    scene.server.outcome = () => 'answer';
    change('removed');
    change('added');
    scene.say(conversation, 'now');
    release();
    await scene.until('the new entry', () => texts(client, conversation.id).includes('now'));
    assert.ok(isMember());
  });

  it('does not bring back a conversation that the user left while the list was read', async () => {
    const held = hold('conversation:list');
    scene.server.emit({ userIds: [scene.ada], event: 'resync', payload: { withinMs: 0 } });
    const release = await answered(held);
    change('removed');
    await scene.until('the removal', () => !isMember());
    const asked = scene.server.inputs('conversation:get').length;
    release();
    await scene.until('the question', () => {
      return scene.server.inputs('conversation:get').length > asked && !isMember();
    });
  });

  it('is followed by another comparison if a conversation could not be asked for', async () => {
    let failures = 6;
    scene.server.outcome = ({ name }) => {
      if (name !== 'conversation:get' || failures === 0) return 'answer';
      failures -= 1;
      return new AppError('unavailable');
    };
    for (let index = 0; index < 51; index += 1) scene.createConversation(1);
    scene.server.emit({ userIds: [scene.ada], event: 'resync', payload: { withinMs: 0 } });
    await scene.until('all conversations', () => {
      return client.conversations.get().conversations.length === 52;
    });
  });
});
