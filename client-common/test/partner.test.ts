import assert from 'node:assert/strict';
import { AppError, DAY, HOUR } from '@parley/common';
import type { EventPayload } from '@parley/common/contract';

import type { Client } from '../src/index.ts';
import { createPartner, type PartnerPart } from '../src/partner/index.ts';
import { Scene } from './support/scene.ts';

/** The server's clock is a week ahead of the device's. */
const AHEAD = 7 * DAY;

describe('The partner', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open(AHEAD);
  });
  afterEach(() => scene.close());

  const world = () => scene.server.world.partners;
  const emit = (events: ReturnType<ReturnType<typeof world>['link']>) => {
    for (const each of events) scene.server.emit(each);
  };
  const event = (payload: EventPayload<'partner'>) => {
    scene.server.emit({ userIds: [scene.ada], event: 'partner', payload });
  };
  const make = (client: Client) => {
    const part = createPartner(client, { platform: scene.time });
    part.partner.subscribe(() => undefined);
    part.status.subscribe(() => undefined);
    return part;
  };
  const online = async (userId: string) => {
    const client = await scene.online(userId);
    return { client, part: make(client) };
  };
  const said = ({ partner }: PartnerPart) => {
    const state = partner.get();
    return state.status === 'linked' ? state.partner.status : state.status;
  };
  const until = (part: PartnerPart, what: string) => scene.until(what, () => said(part) === what);
  const linked = async () => {
    world().link(scene.ada, scene.bob);
    const ada = await online(scene.ada);
    await until(ada.part, 'AVAILABLE');
    return ada;
  };

  it('is none until a code is confirmed, and then known to both at once', async () => {
    const [ada, bob] = [await online(scene.ada), await online(scene.bob)];
    await until(ada.part, 'none');
    const { linkCode, expiresAt } = await ada.part.createLinkCode();
    assert.ok(expiresAt > ada.client.now());

    const partner = await bob.part.confirmLink(linkCode);
    assert.equal(partner.id, scene.ada);
    assert.equal(said(bob.part), 'AVAILABLE');
    await until(ada.part, 'AVAILABLE');
    const state = ada.part.partner.get();
    assert.equal(state.status === 'linked' && state.partner.username, 'bob');
  });

  it('refuses a wrong code without guessing again', async () => {
    const { part } = await online(scene.ada);
    await assert.rejects(part.confirmLink('2222-2222'), { code: 'link_code_invalid' });
    scene.server.outcome = () => new AppError('rate_limited', undefined, { retryAfterMs: HOUR });
    await assert.rejects(part.confirmLink('2222-2222'), { code: 'rate_limited' });
    assert.equal(scene.server.inputs('link:confirm').length, 2);
  });

  it('is found although the answer to the code was lost', async () => {
    world().codes.set('7K3M-Q9TX', scene.bob);
    const { part } = await online(scene.ada);
    await until(part, 'none');
    scene.server.outcome = ({ name }) => (name === 'link:confirm' ? 'drop-answer' : 'answer');
    scene.server.delivers = () => false;
    let found: string | undefined;
    void part.confirmLink('7K3M-Q9TX').then(({ id }) => (found = id));
    await scene.until('the partner', () => found === scene.bob);
    assert.equal(scene.server.inputs('link:confirm').length, 1);
  });

  it('changes live, and late events are dropped', async () => {
    const { part } = await linked();
    emit(world().say(scene.bob, 'BUSY', null));
    await until(part, 'BUSY');
    const { timestamp } = world().status(scene.bob);
    const changed = { type: 'PARTNER_STATUS_CHANGED', statusExpiration: null } as const;
    for (const late of [timestamp, timestamp - 1]) {
      event({ ...changed, partnerId: scene.bob, status: 'OFFLINE', timestamp: late });
      event({ type: 'PARTNER_UNLINKED', partnerId: scene.bob, timestamp: late });
    }
    event({ ...changed, partnerId: scene.bob, status: 'AVAILABLE', timestamp: timestamp + 1 });
    await until(part, 'AVAILABLE');
    assert.equal(scene.server.inputs('partner:get').length, 1);
  });

  it('keeps the same snapshot where nothing changed', async () => {
    const { part } = await linked();
    const before = part.partner.get();
    await part.reload();
    assert.equal(part.partner.get(), before);
  });

  it('is asked for again after each connection', async () => {
    const { part } = await linked();
    scene.server.delivers = () => false;
    world().say(scene.bob, 'OFFLINE', null);
    scene.server.cut(scene.ada);
    await until(part, 'OFFLINE');
    world().unlink(scene.bob);
    scene.server.cut(scene.ada);
    await until(part, 'none');
  });

  it('is not restored by an answer from before the unlink', async () => {
    const { part } = await linked();
    const asked = () => scene.server.inputs('partner:get').length;
    let answer: () => void = () => undefined;
    scene.server.outcome = ({ name }) => {
      if (name !== 'partner:get') return 'answer';
      if (asked() === 2) return new Promise((resolve) => (answer = () => resolve('answer')));
      world().partners.clear();
      return 'answer';
    };
    const states: string[] = [];
    part.partner.subscribe(() => states.push(said(part)));
    const reloaded = part.reload();
    await scene.until('the question', () => asked() === 2);
    emit(world().unlink(scene.bob));
    await until(part, 'none');
    // What the answer says is from before the end.
    world().partners.set(scene.ada, scene.bob);
    answer();
    await reloaded;
    assert.deepEqual(states, ['none']);
    assert.equal(asked(), 3);
  });

  it('is available again by the server’s clock when the time is over, heard or not', async () => {
    const { client, part } = await linked();
    scene.server.delivers = ({ event: name }) => name === 'partner';
    emit(world().say(scene.bob, 'BUSY', client.now() + 3 * HOUR));
    await until(part, 'BUSY');
    await scene.time.advance(2 * HOUR);
    assert.equal(said(part), 'BUSY');
    await scene.time.advance(HOUR);
    assert.equal(said(part), 'AVAILABLE');
  });

  it('ends for both, and ending it again does nothing', async () => {
    const { part } = await linked();
    const bob = await online(scene.bob);
    await until(bob.part, 'AVAILABLE');
    await part.unlink();
    assert.equal(said(part), 'none');
    await until(bob.part, 'none');
    await part.unlink();
  });

  it('shows why it is not known, and asks again on reload', async () => {
    const client = await scene.online(scene.ada);
    scene.server.outcome = ({ name }) =>
      name === 'partner:get' ? new AppError('forbidden') : 'answer';
    const part = make(client);
    await until(part, 'failed');
    scene.server.outcome = () => 'answer';
    await part.reload();
    assert.equal(said(part), 'none');
  });

  it('requests nothing without subscribers, and leaves no timer behind', async () => {
    world().link(scene.ada, scene.bob);
    world().say(scene.bob, 'BUSY', scene.time.now() + AHEAD + HOUR);
    const client = await scene.online(scene.ada);
    const part = createPartner(client, { platform: scene.time });
    assert.equal(scene.server.inputs('partner:get').length, 0);
    const stop = part.partner.subscribe(() => undefined);
    await until(part, 'BUSY');
    const { waiting } = scene.time;
    stop();
    assert.equal(scene.time.waiting, waiting - 1);
  });
});

describe('The own status', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open(AHEAD);
  });
  afterEach(() => scene.close());

  const make = async () => {
    const client = await scene.online(scene.ada);
    const part = createPartner(client, { platform: scene.time });
    part.status.subscribe(() => undefined);
    await scene.until('a status', () => part.status.get() !== null);
    return { client, part };
  };

  it('is AVAILABLE at first, shown as soon as it is set, and known to the other devices', async () => {
    const [one, other] = [await make(), await make()];
    assert.equal(one.part.status.get()?.status, 'AVAILABLE');
    const until = one.client.now() + HOUR;
    const saved = one.part.setStatus('BUSY', until);
    assert.equal(one.part.status.get()?.status, 'BUSY');
    await saved;
    assert.equal(one.part.status.get()?.statusExpiration, until);
    await scene.until('the other', () => other.part.status.get()?.status === 'BUSY');
  });

  it('is restored if the change is refused', async () => {
    const { part } = await make();
    await part.setStatus('BUSY');
    scene.server.outcome = () => new AppError('invalid_input');
    await assert.rejects(part.setStatus('OFFLINE', 1), { code: 'invalid_input' });
    assert.equal(part.status.get()?.status, 'BUSY');
  });

  it('shows the last status while an earlier request has no answer', async () => {
    const { part } = await make();
    const states: unknown[] = [];
    part.status.subscribe(() => states.push(part.status.get()?.status));
    await Promise.all([part.setStatus('BUSY'), part.setStatus('OFFLINE')]);
    await part.reload();
    assert.deepEqual([...new Set(states)], ['OFFLINE']);
  });

  it('is AVAILABLE again when its time is over, also after 25 days', async () => {
    const { client, part } = await make();
    await part.setStatus('OFFLINE', client.now() + 25 * DAY);
    await scene.time.advance(25 * DAY - HOUR);
    assert.equal(part.status.get()?.status, 'OFFLINE');
    await scene.time.advance(HOUR);
    assert.deepEqual(
      [part.status.get()?.status, part.status.get()?.statusExpiration],
      ['AVAILABLE', null],
    );
  });
});
