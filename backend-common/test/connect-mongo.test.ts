import assert from 'node:assert/strict';
import { ConfigError, connectMongo } from '@parley/backend-common';
import {
  recordingLogger,
  silentLogger,
  standaloneMongod,
  testMongoUri,
} from '@parley/backend-common/testing';

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

  it('is tried less and less often with a wrong password, and says so in one line and one error', async () => {
    const uri = new URL(testMongoUri());
    Object.assign(uri, { username: 'parley', password: 'wrong' });
    const { lines, logger } = recordingLogger();
    const waits: number[] = [];
    const delay = (wait: number) => Promise.resolve(waits.push(wait));
    await assert.rejects(
      connectMongo({ uri: uri.href, appName: 'test', logger, patience: 500, delay }),
      (error) => error instanceof ConfigError && /refuses the credentials/.test(error.message),
    );
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /MongoDB refuses the credentials in MONGODB_URI/);
    assert.ok(waits[0]! >= 125 && waits[0]! <= 375);
    for (const wait of waits.slice(5)) assert.ok(wait >= 2_500 && wait <= 7_500);
  });

  it('is refused at once to a server that is not in a replica set', async () => {
    const server = await standaloneMongod();
    try {
      await assert.rejects(
        connectMongo({ uri: server.uri, appName: 'test', logger: silentLogger() }),
        (error) => error instanceof ConfigError && /standalone/.test(error.message),
      );
    } finally {
      await server.close();
    }
  });
});
