import assert from 'node:assert/strict';

import { deliveryOf } from '../src/delivery/index.ts';
import { createDevice } from '../src/device/index.ts';
import { Scene } from './support/scene.ts';
import { turn } from './support/virtual-time.ts';

describe('This device', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  const page = () => {
    const listeners = new Set<(visible: boolean) => void>();
    let isVisible = true;
    return {
      isVisible: () => isVisible,
      onVisibilityChange: (listener: (visible: boolean) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      show: (visible: boolean) => {
        isVisible = visible;
        for (const listener of listeners) listener(visible);
      },
    };
  };
  const states = () => scene.server.inputs('app:state').map(({ state }) => state);
  const tokens = () => scene.server.inputs('device:register').map(({ token }) => token);

  it('reports when the app leaves and enters the foreground, on each connection', async () => {
    const platform = page();
    const client = await scene.online(scene.ada);
    const stop = createDevice(client, { platform }).start();
    platform.show(false);
    await scene.until('background', () => states().length === 1);
    scene.server.cut(scene.ada);
    await scene.until('another connection', () => scene.server.handshakes === 2);
    await scene.until('background again', () => states().length === 2);
    platform.show(true);
    await scene.until('foreground', () => states().length === 3);
    stop();
    platform.show(false);
    await turn();
    assert.deepEqual(states(), ['background', 'background', 'foreground']);
  });

  it('reports nothing while the app is in the foreground', async () => {
    const client = scene.client(scene.ada);
    createDevice(client, { platform: page() }).start();
    client.start();
    await scene.synced(client);
    assert.deepEqual(states(), []);
  });

  it('registers a token once a session, and takes it back', async () => {
    const client = await scene.online(scene.ada);
    const device = createDevice(client);
    device.start();
    await device.setToken({ token: 'one', platform: 'web' });
    assert.equal(device.registered.get()?.platform, 'web');
    await device.setToken({ token: 'one', platform: 'web' });
    assert.deepEqual(tokens(), ['one']);
    await device.setToken({ token: 'two', platform: 'web' });
    await device.setToken(null);
    assert.deepEqual(tokens(), ['one', 'two']);
    assert.equal(device.registered.get(), null);
    assert.equal(scene.server.world.partners.devices.size, 0);
  });

  it('registers with the next connection what it could not register without one', async () => {
    const client = scene.client(scene.ada);
    const device = createDevice(client);
    device.start();
    await assert.rejects(device.setToken({ token: 'one', platform: 'ios' }), {
      code: 'unavailable',
    });
    client.start();
    await scene.until('the token', () => tokens().length === 1);
    await scene.until('the device', () => device.registered.get() !== null);
  });

  it('leaves what an earlier start registered alone', async () => {
    const client = scene.client(scene.ada);
    createDevice(client).start();
    client.start();
    await scene.synced(client);
    assert.equal(scene.server.inputs('device:remove').length, 0);
  });
});

describe('The delivery report of a message', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  it('is asked for, and again when somebody gets or reads something', async () => {
    const conversation = scene.createConversation();
    const { id: messageId } = scene.server.world.say(conversation, scene.ada, 'hello');
    const ada = await scene.online(scene.ada);
    const address = { conversationId: conversation.id, messageId };
    const delivery = deliveryOf(ada, address, { platform: scene.time });
    delivery.subscribe(() => undefined);
    const counts = () => {
      const state = delivery.get();
      return state.status === 'ready' ? state.delivery.counts : null;
    };
    await scene.until('an answer', () => counts() !== null);
    assert.deepEqual(counts(), { delivered: 0, read: 0, of: 1 });
    const state = delivery.get();
    assert.equal(state.status === 'ready' && state.delivery.recipients[0]?.reason, 'no_device');
    await scene.online(scene.bob);
    await scene.until('delivered', () => counts()?.delivered === 1);
  });

  it('is requested again soon while a push is about to be sent', async () => {
    const conversation = scene.createConversation();
    const { id: messageId } = scene.server.world.say(conversation, scene.ada, 'hello');
    const { devices } = scene.server.world.partners;
    devices.set(scene.bob, { token: 'one' });
    const ada = await scene.online(scene.ada);
    const address = { conversationId: conversation.id, messageId };
    const stop = deliveryOf(ada, address, { platform: scene.time }).subscribe(() => undefined);
    const asked = () => scene.server.inputs('message:delivery').length;
    await scene.until('three questions', () => asked() === 3);
    devices.delete(scene.bob);
    await scene.until('the last', () => asked() === 4);
    await scene.time.advance(60_000);
    assert.equal(asked(), 4);
    stop();
  });

  it('is refused for the messages of others', async () => {
    const conversation = scene.createConversation(1);
    const { id: messageId } = conversation.entries[1]!;
    const ada = await scene.online(scene.ada);
    const delivery = deliveryOf(ada, { conversationId: conversation.id, messageId });
    delivery.subscribe(() => undefined);
    await scene.until('a refusal', () => delivery.get().status === 'failed');
    assert.deepEqual(delivery.get(), { status: 'failed', code: 'forbidden' });
  });
});
