import assert from 'node:assert/strict';

import type { Client } from '../src/index.ts';
import { Scene } from './support/scene.ts';

describe('The read mark that the server has', () => {
  let scene: Scene;
  let id: string;
  beforeEach(async () => {
    scene = await Scene.open();
    ({ id } = scene.createConversation(5));
  });
  afterEach(() => scene.close());

  const marksOf = (client: Client) => {
    const found = client.conversations.get().conversations.find((each) => each.id === id);
    return { here: found?.readSeq ?? 0, stored: found?.storedReadSeq ?? 0 };
  };

  it('follows what is read on another device', async () => {
    const [here, there] = [await scene.online(scene.ada), await scene.online(scene.ada)];
    const { stored } = marksOf(here);
    there.conversation(id).markRead(stored + 2);
    assert.deepEqual(marksOf(there), { here: stored + 2, stored });
    await scene.until('the mark', () => marksOf(here).here === stored + 2);
    assert.equal(marksOf(here).stored, stored + 2);
  });

  it('is not raised by this device until what it has missed is known', async () => {
    const client = await scene.online(scene.ada);
    const { stored } = marksOf(client);
    client.conversation(id).markRead(stored + 3);
    let release: (() => void) | undefined;
    scene.server.held = ({ name }) =>
      name === 'sync' ? new Promise<void>((resolve) => (release = resolve)) : undefined;
    client.stop();
    client.start();
    await scene.until('the held comparison', () => release !== undefined);
    // Longer than the time for which marks are collected.
    let isOver = false;
    scene.time.setTimeout(() => (isOver = true), 1_000);
    await scene.until('a second', () => isOver);
    assert.deepEqual(marksOf(client), { here: stored + 3, stored });
    assert.equal(scene.server.inputs('receipt:read').length, 0);
    scene.server.held = () => undefined;
    release!();
    await scene.until('the mark', () => marksOf(client).stored === stored + 3);
  });
});
