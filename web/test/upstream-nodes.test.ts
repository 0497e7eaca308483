import assert from 'node:assert/strict';

import { UpstreamNodes } from '../src/proxy/upstream-nodes.ts';

describe('the nodes of a service', () => {
  it('are asked in turn', () => {
    const nodes = new UpstreamNodes(['a', 'b', 'c'], () => 0);
    const turns = Array.from({ length: 4 }, () => nodes.inTurn().join(''));
    assert.deepEqual(turns, ['abc', 'bca', 'cab', 'abc']);
  });

  it('are asked last for a while after they failed, and all of them when all did', () => {
    let now = 0;
    const nodes = new UpstreamNodes(['a', 'b', 'c'], () => now);
    nodes.failed('a');
    assert.equal(nodes.inTurn().join(''), 'bca');
    for (const node of ['b', 'c']) nodes.failed(node);
    assert.equal(nodes.inTurn().join(''), 'bca');
    now = 5_000;
    assert.equal(nodes.inTurn().join(''), 'cab');
  });

  it('are asked as before once they answer', () => {
    const nodes = new UpstreamNodes(['a', 'b'], () => 0);
    nodes.failed('a');
    nodes.answered('a');
    assert.equal(nodes.inTurn().join(''), 'ab');
  });
});
