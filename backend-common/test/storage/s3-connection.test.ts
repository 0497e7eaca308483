import assert from 'node:assert/strict';

import { S3Connection } from '../../src/storage/s3-connection.ts';

const ENDPOINT = 'http://127.0.0.1:9';
const SETTINGS = {
  ...{ endpoint: ENDPOINT, publicEndpoint: ENDPOINT, region: 'us-east-1', bucket: 'parley' },
  secret: { accessKeyId: 'id', secretAccessKey: 'key' },
};
const tooMany = Object.assign(new Error('too many open files'), { code: 'EMFILE' });

/** A connection of which the first loads fail, and how often it was loaded. */
function connectionWith({ failures }: { failures: number }) {
  const loads: string[] = [];
  const connection = new S3Connection(SETTINGS, ENDPOINT, async () => {
    loads.push('load');
    if (loads.length <= failures) throw tooMany;
    return import('@aws-sdk/client-s3');
  });
  return { connection, loads };
}

describe('a connection to the object store', () => {
  it('loads the library once for calls at the same time, and once in all', async () => {
    const { connection, loads } = connectionWith({ failures: 0 });
    const [one, other] = await Promise.all([connection.load(), connection.load()]);
    assert.equal(one.client, other.client);
    assert.equal((await connection.load()).client, one.client);
    assert.equal(loads.length, 1);
    connection.close();
  });

  it('loads the library with a later call if it could not be loaded', async () => {
    const { connection, loads } = connectionWith({ failures: 2 });
    await assert.rejects(connection.load(), tooMany);
    await assert.rejects(connection.load(), tooMany);
    assert.ok((await connection.load()).client);
    assert.equal(loads.length, 3);
    connection.close();
  });

  it('is closed quietly while its library cannot be loaded', async () => {
    const { connection } = connectionWith({ failures: 1 });
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const loading = connection.load();
    connection.close();
    await assert.rejects(loading, tooMany);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });
});
