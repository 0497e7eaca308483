import assert from 'node:assert/strict';

import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { PushStage, type Owner } from '../support/push-stage.ts';

describe('pushes and blocks', function () {
  this.timeout(30_000);
  let stage: PushStage;

  before(async () => (stage = await PushStage.create()));
  after(() => stage.close());

  const block = (blocker: Person, { userId }: Person) =>
    request(`${stage.node.url}/blocks/${userId}`, { method: 'PUT', as: blocker });
  const bodies = ({ pushToken }: Owner) =>
    stage.sender.to(pushToken).map(({ content }) => content.shown?.body ?? '');

  it('say nothing of what somebody wrote who is blocked, and all of what the others wrote', async () => {
    const [ann, ben, cleo] = [await stage.owner(), await stage.owner(), await stage.person()];
    const groupId = await stage.stack.group(stage.node.url, [cleo, ann, ben]);
    await block(ann, ben);
    await stage.send(ben, groupId, 'From the blocked');
    await stage.settled(ann);
    assert.deepEqual(bodies(ann), []);
    await stage.send(cleo, groupId, 'From Cleo');
    await stage.pushed(ann);
    await stage.settled(ann);
    assert.match(bodies(ann).at(-1) ?? '', /From Cleo$/);
    assert.ok(!bodies(ann).some((body) => body.includes('blocked') || body.includes('2 new')));
  });

  it('say nothing to whoever is blocked of what the other wrote either', async () => {
    const [ann, ben, cleo] = [await stage.owner(), await stage.owner(), await stage.person()];
    const groupId = await stage.stack.group(stage.node.url, [cleo, ann, ben]);
    await block(ann, ben);
    await stage.send(ann, groupId, 'From the blocker');
    await stage.settled(ben);
    assert.deepEqual(bodies(ben), []);
  });

  it('do not tell of a message that waited for its push when the block began', async () => {
    const [ann, ben] = [await stage.owner(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ben, ann);
    // Connected without acknowledging: nothing is pushed before its patience is over.
    await stage.open(ann, { acknowledges: false });
    await stage.send(ben, conversationId, 'Just before');
    await block(ann, ben);
    await stage.settled(ann);
    assert.deepEqual(bodies(ann), []);
  });
});
