import assert from 'node:assert/strict';
import {
  nodeEnvironment,
  serviceBase,
  systemEnvironment,
} from '../src/processes/child-environment.ts';

const env = {
  PATH: '/usr/bin',
  Path: 'C:\\Windows',
  https_proxy: 'http://proxy.example.org',
  LC_ALL: 'C.UTF-8',
  NODE_OPTIONS: '--max-old-space-size=512',
  NODE_ENV: 'production',
  PORT: '8095',
  PARLEY_ORIGINS: 'https://chat.example.org',
  PARLEY_DATA_DIR: '/data',
  S3_REGION: 'auto',
  MONGODB_URI: 'mongodb://db.example.org',
  PIP_INDEX_URL: 'https://pip.example.org',
  npm_lifecycle_event: 'start',
  GONE: undefined,
};

const system = {
  PATH: '/usr/bin',
  Path: 'C:\\Windows',
  https_proxy: 'http://proxy.example.org',
  LC_ALL: 'C.UTF-8',
};
const node = { ...system, NODE_OPTIONS: '--max-old-space-size=512' };

describe('the environment of a process that the launcher starts', () => {
  it('contains the variables of the machine, and none of Parley', () => {
    assert.deepEqual(systemEnvironment(env), system);
  });

  it('contains the settings of the program that is started', () => {
    assert.deepEqual(systemEnvironment(env, ['PIP_']), {
      ...system,
      PIP_INDEX_URL: 'https://pip.example.org',
    });
    assert.deepEqual(nodeEnvironment(env), node);
  });

  it('contains what a service reads, but no address, port or folder of another process', () => {
    assert.deepEqual(serviceBase(env), {
      ...node,
      NODE_ENV: 'production',
      PARLEY_ORIGINS: 'https://chat.example.org',
      S3_REGION: 'auto',
    });
  });
});
