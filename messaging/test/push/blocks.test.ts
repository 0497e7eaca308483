import assert from 'node:assert/strict';

import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { PushStage, type Owner } from '../support/push-stage.ts';

describe('pushes and blocks', function () {
  let stage: PushStage;

  before(async () => (stage = await PushStage.create()));
  after(() => stage.close());

  const block = (blocker: Person, { userId }: Person) =>
    request(`${stage.node.url}/blocks/${userId}`, { method: 'PUT', as: blocker });
  const bodies = ({ pushToken }: Owner) =>
    stage.sender.to(pushToken).map(({ content }) => content.shown?.body ?? '');

  it('leave out the messages of a blocked user, and show those of others', async () => {
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

  it('leave out the messages of the blocker for the blocked user', async () => {
    const [ann, ben, cleo] = [await stage.owner(), await stage.owner(), await stage.person()];
    const groupId = await stage.stack.group(stage.node.url, [cleo, ann, ben]);
    await block(ann, ben);
    await stage.send(ann, groupId, 'From the blocker');
    await stage.settled(ben);
    assert.deepEqual(bodies(ben), []);
  });

  it('are cancelled for a message that was pending when the block began', async () => {
    const [ann, ben] = [await stage.owner(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ben, ann);
    // Connected without acknowledging, so that nothing is pushed at once.
    await stage.open(ann, { acknowledges: false });
    await stage.send(ben, conversationId, 'Just before');
    await block(ann, ben);
    await stage.settled(ann);
    assert.deepEqual(bodies(ann), []);
  });
});
