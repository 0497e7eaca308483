import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { blockIdOf, type BlockDocument } from '@parley/backend-common/domain';
import { testRedisUrl } from '@parley/backend-common/testing';
import { LIMITS } from '@parley/common';
import type { Block } from '@parley/common/contract';

import { request } from '../support/http.ts';
import { codeOf, confirm, partnerOf } from '../support/partners.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { newId } from '../support/test-log.ts';

const ROUNDS = 8;

describe('the limits of blocks', function () {
  this.timeout(60_000);
  let stack: TestStack;
  let here: RunningService;
  let there: RunningService;

  before(async () => {
    stack = await TestStack.create();
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' };
    [here, there] = [await stack.node(env), await stack.node(env)];
  });
  after(() => stack.close());

  const block = async (blocker: Person, { userId }: Person, node = here) => {
    const answer = await request(`${node.url}/blocks/${userId}`, { method: 'PUT', as: blocker });
    return answer.status === 204 ? undefined : (answer.body as { code: string }).code;
  };
  const unblock = (blocker: Person, { userId }: Person) =>
    request(`${here.url}/blocks/${userId}`, { method: 'DELETE', as: blocker });
  const blocks = () => stack.mongo.db.collection<BlockDocument>('blocks');
  const listed = async (as: Person) => {
    const { body } = await request(`${here.url}/blocks`, { as });
    return (body as { blocks: Block[] }).blocks;
  };

  it('allow 1,000 blocks per user across concurrent requests to two nodes, and another after an unblock', async () => {
    const ann = await stack.people.create();
    const now = Date.now();
    await blocks().insertMany(
      Array.from({ length: LIMITS.blocksPerUser - 2 }, () => {
        const pair = { userId: ann.userId, blockedId: newId() };
        const _id = blockIdOf(pair.userId, pair.blockedId);
        return { _id, ...pair, blockedAt: now, changedAt: new Date(now), active: true };
      }),
    );
    const others = await Promise.all(Array.from({ length: 8 }, () => stack.people.create()));
    const results = await Promise.all(
      others.map((other, index) => block(ann, other, index % 2 === 0 ? here : there)),
    );
    const refused = results.filter((code) => code !== undefined);
    assert.deepEqual(
      refused,
      Array.from({ length: 6 }, () => 'limit_reached'),
    );
    const all = await listed(ann);
    assert.equal(all.length, LIMITS.blocksPerUser);
    const [inside, outside] = [results.indexOf(undefined), results.indexOf('limit_reached')];
    assert.equal(
      await block(ann, others[inside]!),
      undefined,
      'a repeated block does not count again',
    );
    await unblock(ann, others[inside]!);
    assert.equal(await block(ann, others[outside]!), undefined);
    assert.equal(await block(ann, others[inside]!), 'limit_reached');
  });

  it('leave no link between two users when one blocks while the other confirms a code', async () => {
    const results = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const [ann, ben] = [await stack.people.create(), await stack.people.create()];
      const code = await codeOf(here, ann);
      const [confirmed, refused] = await Promise.all([
        confirm(here, ben, code),
        block(ann, ben, there),
      ]);
      assert.equal(refused, undefined);
      results.add(confirmed === ann.userId ? 'linked first' : confirmed);
      for (const person of [ann, ben]) assert.equal(await partnerOf(there, person), null);
      const linked = await stack.mongo.db
        .collection('partnerships')
        .countDocuments({ userIds: { $in: [ann.userId, ben.userId] } });
      assert.equal(linked, 0);
    }
    for (const result of results) assert.match(result, /^(linked first|link_code_invalid)$/);
  });
});
