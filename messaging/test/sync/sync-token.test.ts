import assert from 'node:assert/strict';
import { syncToken } from '@parley/common/contract';
import fc from 'fast-check';

import { readSyncToken, writeSyncToken } from '../../src/sync/sync-token.ts';

const count = fc.integer({ min: 0, max: 999_999_999_999_999 });
const point = fc.record(
  {
    nodeId: fc.uuid(),
    ...{ recordingEpoch: count, invalidation: count, deliveryChanges: count, at: count },
  },
  { noNullPrototype: true },
);

describe('a sync token', () => {
  it('is read as it was written, and is a token of the contract', () => {
    fc.assert(
      fc.property(point, (given) => {
        const token = writeSyncToken(given);
        assert.deepEqual(readSyncToken(token), given);
        assert.equal(syncToken.parse(token), token);
      }),
    );
  });

  it('is not known if it has another form', () => {
    const token = writeSyncToken({
      ...{ nodeId: 'a', recordingEpoch: 1, invalidation: 2, deliveryChanges: 3, at: 4 },
    });
    for (const other of ['', 'a', token.slice(0, -2), `${token}.5`, token.replace('2', '-2')])
      assert.equal(readSyncToken(other), undefined, other);
    for (const number of ['1e3', '0x1', ' 1', '', '1000000000000000', 'NaN'])
      assert.equal(readSyncToken(token.replace('3', number)), undefined, number);
  });
});
