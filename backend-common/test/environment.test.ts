import assert from 'node:assert/strict';
import {
  ConfigError,
  readEnvironment,
  refuseUnlimitedProduction,
  serviceEnvironment,
} from '@parley/backend-common';
import { z } from 'zod';

const schema = z.object(serviceEnvironment);
const LEAST = { MONGODB_URI: 'mongodb://127.0.0.1:27017', PARLEY_SECRET: 'x'.repeat(32) };

describe('the environment of a service', () => {
  it('needs a database and a secret, and has a default for everything else', () => {
    assert.deepEqual(readEnvironment(schema, LEAST), {
      ...LEAST,
      HOST: '127.0.0.1',
      PORT: 0,
      METRICS_PORT: 0,
      PARLEY_ORIGINS: [],
      PARLEY_TRUSTED_PROXIES: [],
      PARLEY_RATE_LIMITS: true,
      PARLEY_LOG_LEVEL: 'info',
    });
  });

  it('splits lists', () => {
    const env = readEnvironment(schema, {
      ...LEAST,
      PARLEY_ORIGINS: 'https://a.example, http://localhost:3000',
      PARLEY_TRUSTED_PROXIES: '10.0.0.0/8,::1,',
    });
    assert.deepEqual(env.PARLEY_ORIGINS, ['https://a.example', 'http://localhost:3000']);
    assert.deepEqual(env.PARLEY_TRUSTED_PROXIES, ['10.0.0.0/8', '::1']);
  });

  it('treats an empty variable as absent', () => {
    const env = readEnvironment(schema, { ...LEAST, PORT: '', REDIS_URL: '' });
    assert.equal(env.PORT, 0);
    assert.equal(env.REDIS_URL, undefined);
  });

  it('names every invalid variable at once, without its value', () => {
    const env = {
      PARLEY_SECRET: 'short-and-secret',
      PORT: '70000',
      PARLEY_ORIGINS: 'https://a.example/path',
      PARLEY_TRUSTED_PROXIES: 'proxy.internal',
      PARLEY_RATE_LIMITS: 'no',
    };
    assert.throws(
      () => readEnvironment(schema, env),
      (error: ConfigError) => {
        assert.ok(error instanceof ConfigError);
        for (const name of [...Object.keys(env), 'MONGODB_URI']) {
          assert.match(error.message, new RegExp(`^  ${name}`, 'm'));
        }
        assert.doesNotMatch(error.message, /short-and-secret/);
        return true;
      },
    );
  });

  it('refuses to turn off rate limits in production', () => {
    const unlimited = { PARLEY_RATE_LIMITS: false };
    refuseUnlimitedProduction(unlimited);
    refuseUnlimitedProduction({ PARLEY_RATE_LIMITS: true, NODE_ENV: 'production' });
    const call = () => refuseUnlimitedProduction({ ...unlimited, NODE_ENV: 'production' });
    assert.throws(call, ConfigError);
  });
});
