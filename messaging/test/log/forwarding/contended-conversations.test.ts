import assert from 'node:assert/strict';

import { ContendedConversations } from '../../../src/log/forwarding/contended-conversations.ts';

const CONVERSATION = 'conversation';

describe('the writer of a contended conversation', () => {
  let now: number;
  let node: ContendedConversations;
  const dead = new Set<string>();

  beforeEach(() => {
    now = 1_000;
    dead.clear();
    const link = { nodeId: 'n', isAlive: (nodeId: string) => !dead.has(nodeId) };
    node = new ContendedConversations({ link, monotonic: () => now });
  });

  /** This node loses two numbers to another one. */
  const contend = () => {
    node.conflicted(CONVERSATION);
    node.conflicted(CONVERSATION);
  };
  const commit = (...nodeIds: string[]) => {
    for (const nodeId of nodeIds) node.committed(CONVERSATION, nodeId);
  };
  const writer = () => node.writerOf(CONVERSATION);

  it('is this node until it has lost two numbers within a second', () => {
    commit('a');
    assert.equal(writer(), undefined);
    node.conflicted(CONVERSATION);
    commit('a');
    assert.equal(writer(), undefined);
    now += 1_500;
    node.conflicted(CONVERSATION);
    commit('a');
    assert.equal(writer(), undefined);
    now += 900;
    node.conflicted(CONVERSATION);
    assert.equal(writer(), 'a');
  });

  it('is the node with the smallest id among those that committed entries lately', () => {
    contend();
    commit('c', 'b', 'n', 'z');
    assert.equal(writer(), 'b');
    now += 1_900;
    commit('c', 'n', 'z');
    now += 200;
    assert.equal(writer(), 'c');
  });

  it('is this node if it has the smallest id of them', () => {
    contend();
    commit('n', 'z');
    assert.equal(writer(), undefined);
  });

  it('is another node if this one has committed nothing lately, whatever their ids are', () => {
    contend();
    commit('z');
    assert.equal(writer(), 'z');
  });

  it('is this node again when no other node has committed entries for two seconds', () => {
    contend();
    commit('a');
    now += 2_001;
    assert.equal(writer(), undefined);
    commit('a');
    assert.equal(writer(), undefined);
  });

  it('is no node that did not settle a batch within the last ten seconds', () => {
    contend();
    node.suspend('a');
    commit('a', 'c', 'n');
    assert.equal(writer(), 'c');
    node.suspend('c');
    assert.equal(writer(), undefined);
    now += 10_000;
    contend();
    commit('a', 'c', 'n');
    assert.equal(writer(), 'a');
  });

  it('is no node that does not run any more', () => {
    contend();
    commit('a', 'c', 'n');
    dead.add('a');
    assert.equal(writer(), 'c');
  });

  it('is also chosen by a node that other nodes have chosen', () => {
    node.chosenByOther(CONVERSATION);
    commit('a', 'n');
    assert.equal(writer(), 'a');
  });

  it('is chosen for each conversation apart', () => {
    contend();
    commit('a');
    node.committed('other', 'a');
    assert.equal(node.writerOf('other'), undefined);
  });

  it('is forgotten when too many conversations are contended', () => {
    contend();
    commit('a');
    for (let index = 0; index < 1_000; index += 1) node.conflicted(`${index}`);
    assert.equal(writer(), undefined);
  });
});
