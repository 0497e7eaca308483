import assert from 'node:assert/strict';

import { codeOf, confirm } from '../support/partners.ts';
import { SECRET, TestStack } from '../support/stack.ts';

const NEXT = 'the next secret, of at least thirty-two bytes';

describe('link codes while the secret is being replaced', () => {
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create();
  });
  after(() => stack.close());

  const node = (secret: string, previous?: string) =>
    stack.node({
      PARLEY_SECRET: secret,
      PARLEY_RATE_LIMITS: 'off',
      ...(previous === undefined ? {} : { PARLEY_SECRET_PREVIOUS: previous }),
    });

  async function isAccepted(codeFrom: { url: string }, confirmedAt: { url: string }) {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const code = await codeOf(codeFrom, ann);
    return (await confirm(confirmedAt, bo, code)) === ann.userId;
  }

  it('are accepted by nodes of the old secret, of both, and of the new one', async () => {
    const old = await node(SECRET);
    const both = await node(NEXT, SECRET);
    const next = await node(NEXT);
    assert.ok(await isAccepted(old, both));
    assert.ok(await isAccepted(both, old));
    assert.ok(await isAccepted(both, both));
    assert.ok(await isAccepted(both, next));
    assert.ok(await isAccepted(next, both));
    assert.ok(!(await isAccepted(old, next)), 'a secret that was removed is accepted');
  });

  it('are replaced by the newest one of a user on any of the nodes', async () => {
    const [old, both] = [await node(SECRET), await node(NEXT, SECRET)];
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const first = await codeOf(both, ann);
    const second = await codeOf(old, ann);
    assert.equal(await confirm(both, bo, first), 'link_code_invalid');
    const third = await codeOf(both, ann);
    assert.equal(await confirm(both, bo, second), 'link_code_invalid');
    assert.equal(await confirm(old, bo, third), ann.userId);
  });
});
