import assert from 'node:assert/strict';
import { connectMongo } from '@parley/backend-common';
import { silentLogger, testMongoUri } from '@parley/backend-common/testing';

describe('a connection to MongoDB', () => {
  it('reads and writes by a journaled majority, whatever its URI says', async () => {
    const uri = new URL(testMongoUri());
    uri.searchParams.set('w', '1');
    uri.searchParams.set('journal', 'false');
    uri.searchParams.set('readConcernLevel', 'local');
    uri.searchParams.set('readPreference', 'secondaryPreferred');
    const mongo = await connectMongo({ uri: uri.href, appName: 'test', logger: silentLogger() });
    try {
      for (const bound of [mongo.db, mongo.db.collection('entries')]) {
        assert.equal(bound.readConcern?.level, 'majority');
        assert.equal(bound.readPreference?.mode, 'primary');
        assert.equal(bound.writeConcern?.w, 'majority');
        assert.equal(bound.writeConcern.journal, true);
      }
    } finally {
      await mongo.close();
    }
  });
});
