import assert from 'node:assert/strict';
import { AppError } from '@parley/common';

import { createBlocks } from '../src/blocks/index.ts';
import { Scene } from './support/scene.ts';

describe('Blocks', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  const make = async () => {
    const client = await scene.online(scene.ada);
    const part = createBlocks(client);
    part.list.subscribe(() => undefined);
    await scene.until('a list', () => part.list.get().status === 'ready');
    return part;
  };
  const blocked = (part: ReturnType<typeof createBlocks>) =>
    part.list.get().blocks.map(({ userId }) => userId);

  it('are shown as soon as they are added and removed', async () => {
    const part = await make();
    const blocking = part.block(scene.bob);
    assert.deepEqual(blocked(part), [scene.bob]);
    await blocking;
    assert.deepEqual(blocked(part), [scene.bob]);
    assert.deepEqual([...scene.server.world.partners.blocks.get(scene.ada)!], [scene.bob]);
    const ending = part.unblock(scene.bob);
    assert.deepEqual(blocked(part), []);
    await ending;
    assert.deepEqual(blocked(part), []);
  });

  it('are restored if the change is refused', async () => {
    const part = await make();
    scene.server.outcome = ({ name }) =>
      name === 'block:add' ? new AppError('limit_reached') : 'answer';
    await assert.rejects(part.block(scene.bob), { code: 'limit_reached' });
    assert.deepEqual(blocked(part), []);
  });

  it('made on another device are known at once', async () => {
    const [here, there] = [await make(), await make()];
    await there.block(scene.bob);
    await scene.until('the block', () => blocked(here).length === 1);
    await there.unblock(scene.bob);
    await scene.until('its end', () => blocked(here).length === 0);
  });

  it('made on another device are known after the next connection', async () => {
    const part = await make();
    scene.server.world.partners.blocks.set(scene.ada, new Set([scene.bob]));
    scene.server.cut(scene.ada);
    await scene.until('the block', () => blocked(part).length === 1);
  });
});
