import assert from 'node:assert/strict';

import { type CpuProfile, describeProfile, packageOf, summarise } from '../src/profile.ts';

function frame(functionName: string, url: string, lineNumber = 0) {
  return { functionName, url, lineNumber };
}

/** Samples at 1000, 1100, 1300, 1600 and 2000 µs; the last one has no duration. */
const profile: CpuProfile = {
  startTime: 900,
  nodes: [
    { id: 1, callFrame: frame('(idle)', '') },
    { id: 2, callFrame: frame('writev', '') },
    { id: 3, callFrame: frame('encode', 'file:///x/node_modules/socket.io-parser/a.js', 11) },
    { id: 4, callFrame: frame('append', 'file:///x/messaging/src/log/round.ts') },
  ],
  samples: [2, 1, 3, 4, 4],
  timeDeltas: [100, 100, 200, 300, 400],
};

describe('profile summary', () => {
  it('divides the busy time among functions, the most expensive first', () => {
    const { busy, idle, functions } = summarise(profile);
    assert.equal(busy, 0.8);
    assert.equal(idle, 0.2);
    assert.deepEqual(
      functions.map(({ name, share }) => [name, Number(share.toFixed(3))]),
      [
        ['append  src/log/round.ts', 0.5],
        ['encode  node_modules/socket.io-parser/a.js:12', 0.375],
        ['writev', 0.125],
      ],
    );
  });

  it('can be limited to a span of time', () => {
    const { busy, idle, functions } = summarise(profile, { from: 1_250, to: 1_500 });
    assert.equal(busy, 0.3);
    assert.equal(idle, 0);
    assert.equal(functions.length, 1);
  });

  it('adds up the time of all functions of a package', () => {
    const nodes = [
      ...profile.nodes,
      { id: 5, callFrame: frame('fold', 'file:///x/messaging/src/a.ts') },
    ];
    const { packages } = summarise({ ...profile, nodes, samples: [5, 1, 3, 4, 4] });
    assert.equal(packages[0]?.name, 'messaging');
    assert.equal(packages[0].share, 0.625);
  });

  it('adds to our functions the time of what they called outside our workspaces', () => {
    const nodes = profile.nodes.map((node) => {
      // append calls encode, which calls writev.
      const children = node.id === 4 ? [3] : node.id === 3 ? [2] : [];
      return { ...node, children };
    });
    const { origins } = summarise({ ...profile, nodes });
    assert.deepEqual(origins, [{ name: 'append  src/log/round.ts', share: 1 }]);
    const unlinked = new Map(summarise(profile).origins.map(({ name, share }) => [name, share]));
    assert.equal(unlinked.get('append  src/log/round.ts'), 0.5);
    assert.equal(unlinked.get('(none of ours)'), 0.5);
  });

  it('recognises packages, workspaces, Node and V8', () => {
    const names = [
      frame('f', 'file:///r/node_modules/@socket.io/redis-adapter/dist/index.js'),
      frame('f', 'file:///r/node_modules/engine.io/node_modules/ws/lib/sender.js'),
      frame('f', 'file:///r/backend-common/src/a/b.ts'),
      frame('f', 'file:///r/messaging/dist/main.js'),
      frame('f', 'node:net'),
      frame('(garbage collector)', ''),
      frame('writev', ''),
    ].map((each) => packageOf(each));
    assert.deepEqual(names, [
      '@socket.io/redis-adapter',
      'ws',
      'backend-common',
      'messaging',
      'node',
      '(garbage collector)',
      '(native)',
    ]);
  });

  it('shows shares in percent', () => {
    const text = describeProfile(summarise(profile));
    assert.match(text, /busy 1 ms, idle 0 ms/);
    assert.match(text, /50\.0 % {2}append/);
    assert.match(text, /12\.5 % {2}\(native\)/);
  });
});
