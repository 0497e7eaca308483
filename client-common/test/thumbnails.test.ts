import assert from 'node:assert/strict';

import { AppError } from '@parley/common';
import type { MessageEntry } from '@parley/common/contract';

import { type Client, memoryStore } from '../src/index.ts';
import { Scene } from './support/scene.ts';
import type { Conversation } from './support/world.ts';

describe('A thumbnail that is made after its message was sent', () => {
  let scene: Scene;
  let conversation: Conversation;
  beforeEach(async () => {
    scene = await Scene.open();
    conversation = scene.createConversation(1);
  });
  afterEach(() => scene.close());

  const photo = (thumbnail: boolean): NonNullable<MessageEntry['attachment']> => ({
    ...{ id: scene.server.world.newId(), conversationId: conversation.id, ownerId: scene.bob },
    ...{ name: 'hill.jpg', contentType: 'image/jpeg', state: 'ready', createdAt: 0 },
    ...{ size: 2_000_000, kind: 'image', width: 1_600, height: 900, durationMs: null, thumbnail },
  });
  const send = (attachment: MessageEntry['attachment']) => {
    const clientId = scene.server.world.newId();
    const draft = { senderId: scene.bob, text: null, clientId, attachment };
    return scene.server.world.send(conversation, draft);
  };
  const thumbnails = (client: Client) =>
    client
      .conversation(conversation.id)
      .timeline.get()
      .items.flatMap((item) =>
        item.kind === 'message' && item.attachment ? [item.attachment.thumbnail] : [],
      );
  const userIds = () => [...conversation.memberships.keys()];
  const announce = (attachmentId: string) => {
    const payload = { attachmentId, conversationId: conversation.id, thumbnail: true };
    scene.server.emit({ userIds: userIds(), event: 'attachment', payload });
  };

  it('is known from the event on, for its message alone, and after a restart', async () => {
    const storage = memoryStore();
    const { now, setTimeout } = scene.time;
    const options = { platform: { storage, now, setTimeout } };
    const client = await scene.online(scene.ada, options);
    const { timeline } = client.conversation(conversation.id);
    timeline.subscribe(() => undefined);
    const attachments = [photo(false), photo(false)];
    for (const attachment of attachments) {
      const payload = send(attachment);
      scene.server.emit({ userIds: userIds(), event: 'entry', payload });
    }
    await scene.until('the messages', () => thumbnails(client).length === 2);
    const [first, second] = timeline.get().items.slice(-2);
    announce(attachments[1]!.id);
    await scene.until('the thumbnail', () => thumbnails(client).join() === 'false,true');
    assert.equal(timeline.get().items.at(-2), first);
    assert.notEqual(timeline.get().items.at(-1), second);

    await scene.time.advance(5_000);
    client.stop();
    scene.server.refusal = () => new AppError('unavailable');
    const again = scene.client(scene.ada, options);
    again.start();
    again.conversation(conversation.id).timeline.subscribe(() => undefined);
    await scene.until('the cache', () => thumbnails(again).join() === 'false,true');
  });

  it('is known from the message where the message says so', async () => {
    send(photo(true));
    const client = await scene.online(scene.ada);
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    await scene.until('the message', () => thumbnails(client).join() === 'true');
  });

  it('of a message that is not here changes nothing', async () => {
    const client = await scene.online(scene.ada);
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    send(photo(false));
    announce(scene.server.world.newId());
    const other = { attachmentId: 'a', conversationId: 'unknown', thumbnail: true };
    scene.server.emit({ userIds: userIds(), event: 'attachment', payload: other });
    scene.say(conversation, 'afterwards');
    await scene.until('all', () => thumbnails(client).join() === 'false');
    assert.equal(client.conversations.get().conversations.length, 1);
  });
});
