import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { readLaunchConfig } from '../src/config.ts';
import { LaunchError } from '../src/launch-error.ts';

describe('the configuration of npm start', () => {
  it('has a default for everything; an empty variable counts as absent', () => {
    const config = readLaunchConfig({ PORT: '', HOST: '' });
    assert.equal(config.port, 8080);
    assert.equal(config.host, '127.0.0.1');
    assert.equal(config.dataDir, resolve('.parley'));
    assert.equal(config.nodes, undefined);
    assert.equal(config.mongo, 1);
    assert.equal(config.mongodbUri, undefined);
  });

  it('reads the number of nodes and of members of MongoDB from the arguments', () => {
    assert.equal(readLaunchConfig({}, ['--mongo', '3']).mongo, 3);
    assert.equal(readLaunchConfig({}, ['--nodes', '3']).nodes, 3);
    assert.equal(readLaunchConfig({}, ['--nodes=2']).nodes, 2);
  });

  it('reads files for the services, which then get the values alone', () => {
    const config = readLaunchConfig({ NODE_ENV_FILE: '/dev/null', S3_BUCKET_FILE: '' });
    assert.deepEqual(config.env, {});
  });

  for (const [fault, env, args] of [
    [/^PORT has to be a number/, { PORT: 'eighty' }, []],
    [/^PORT has to be a number/, { PORT: '70000' }, []],
    [/^PARLEY_SECRET has to hold/, { PARLEY_SECRET: 'short' }, []],
    [/^--nodes has to be a number/, {}, ['--nodes', 'many']],
    [/^--nodes has to be a number/, {}, ['--nodes', '0']],
    [/^MONGODB_URI names a replica set/, { MONGODB_URI: 'mongodb://db/' }, ['--mongo', '3']],
    [/--help/, {}, ['--node', '3']],
    [/PARLEY_SECRET_FILE names cannot be read/, { PARLEY_SECRET_FILE: '/missing' }, []],
    [/PARLEY_DATADIR_FILE: There is no/, { PARLEY_DATADIR_FILE: '/missing' }, []],
  ] as const) {
    it(`reports in one line what is wrong with ${JSON.stringify(env)} ${args.join(' ')}`, () => {
      assert.throws(
        () => readLaunchConfig(env, args),
        (error) => error instanceof LaunchError && fault.test(error.message),
      );
    });
  }
});
