import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';

import { UpstreamNodes } from '../src/proxy/upstream-nodes.ts';

describe('the nodes of a service', () => {
  let now = 0;
  let working: string[] = [];
  let probed: string[] = [];
  const nodesOf = (...urls: string[]) =>
    new UpstreamNodes({
      urls,
      now: () => now,
      probe: (url) => {
        probed.push(url);
        return working.includes(url) ? Promise.resolve() : Promise.reject(new Error('It is away'));
      },
    });

  beforeEach(() => {
    now = 0;
    working = [];
    probed = [];
  });

  it('are asked in turn', () => {
    const nodes = nodesOf('a', 'b', 'c');
    const turns = Array.from({ length: 4 }, () => nodes.inTurn().join(''));
    assert.deepEqual(turns, ['abc', 'bca', 'cab', 'abc']);
    assert.deepEqual(probed, []);
  });

  it('are asked last after they failed, and all of them when all did', () => {
    const nodes = nodesOf('a', 'b', 'c');
    nodes.failed('a');
    assert.equal(nodes.inTurn().join(''), 'bca');
    for (const node of ['b', 'c']) nodes.failed(node);
    assert.equal(nodes.inTurn().join(''), 'bca');
  });

  it('are probed once a second after they failed, and asked as before when a probe succeeds', async () => {
    const nodes = nodesOf('a', 'b');
    nodes.failed('a');
    for (now = 0; now < 2_500; now += 250) {
      assert.equal(nodes.inTurn().join(''), 'ba');
      await setImmediate();
    }
    assert.deepEqual(probed, ['a', 'a']);
    working = ['a'];
    now = 3_000;
    nodes.inTurn();
    await setImmediate();
    assert.deepEqual([nodes.inTurn().join(''), nodes.inTurn().join('')].sort(), ['ab', 'ba']);
  });

  it('are asked as before once they answer a request', () => {
    const nodes = nodesOf('a', 'b');
    nodes.failed('a');
    nodes.answered('a');
    assert.equal(nodes.inTurn().join(''), 'ab');
  });

  it('stay last if they fail while a probe is on its way', async () => {
    const nodes = nodesOf('a', 'b');
    nodes.failed('a');
    working = ['a'];
    now = 1_000;
    nodes.inTurn();
    nodes.failed('a');
    await setImmediate();
    assert.equal(nodes.inTurn().at(-1), 'a');
  });
});
