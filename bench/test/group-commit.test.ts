import assert from 'node:assert/strict';

import { GroupCommit } from '../src/servers/group-commit.ts';

/** A store whose writes end when the test says so. */
function slowStore() {
  const writes: { values: readonly number[]; resolve: () => void; reject: () => void }[] = [];
  const group = new GroupCommit<number>(
    (values) =>
      new Promise<void>((resolve, reject) => {
        writes.push({ values, resolve, reject: () => reject(new Error('Not written')) });
      }),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { group, turn, writes, groups: () => writes.map(({ values }) => values) };
}

describe('group commit', () => {
  it('writes the values of one turn together, and others while two writes are in progress', async () => {
    const { group, groups, turn, writes } = slowStore();
    const first = [group.write(1), group.write(2)];
    await turn();
    void group.write(3);
    await turn();
    void group.write(4);
    await turn();
    void group.write(5);
    await turn();
    assert.deepEqual(groups(), [[1, 2], [3]]);
    writes[0]?.resolve();
    await Promise.all(first);
    assert.deepEqual(groups(), [[1, 2], [3], [4, 5]]);
  });

  it('refuses the values of a write that fails, and goes on', async () => {
    const { group, turn, writes } = slowStore();
    const refused = group.write(1);
    await turn();
    writes[0]?.reject();
    await assert.rejects(refused, /Not written/);
    const written = group.write(2);
    await turn();
    writes[1]?.resolve();
    await written;
  });
});
