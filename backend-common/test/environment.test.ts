import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  objectStoreEnvironment,
  readEnvironment,
  readVariableFiles,
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
      PARLEY_ADMINS: [],
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

describe('a variable that is given as a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-variables-'));
  after(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const refused = (env: Record<string, string>, fault: RegExp) =>
    assert.throws(
      () => readEnvironment(schema, env),
      (error) => error instanceof ConfigError && fault.test(error.message),
    );

  it('has the content of the file, without one newline at its end', () => {
    const secret = 'y'.repeat(32);
    for (const [content, value] of [
      [secret, secret],
      [`${secret}\n`, secret],
      [`${secret}\r\n`, secret],
      [`${secret}\n\n`, `${secret}\n`],
      [` ${secret}`, ` ${secret}`],
    ] as const) {
      const env = { MONGODB_URI: LEAST.MONGODB_URI, PARLEY_SECRET_FILE: file('secret', content) };
      assert.equal(readEnvironment(schema, env).PARLEY_SECRET, value);
    }
  });

  it('can be any variable of any schema, and is checked like any other', () => {
    const env = readEnvironment(schema, {
      MONGODB_URI_FILE: file('uri', LEAST.MONGODB_URI),
      PARLEY_SECRET_FILE: file('secret', LEAST.PARLEY_SECRET),
      PORT_FILE: file('port', '3001\n'),
      PARLEY_ORIGINS_FILE: file('origins', 'https://a.example,https://b.example\n'),
    });
    assert.equal(env.PORT, 3001);
    assert.deepEqual(env.PARLEY_ORIGINS, ['https://a.example', 'https://b.example']);
    const keys = z.object(objectStoreEnvironment);
    assert.equal(
      readEnvironment(keys, { S3_BUCKET_FILE: file('bucket', 'parley') }).S3_BUCKET,
      'parley',
    );
    refused({ ...LEAST, PORT_FILE: file('port', '70000') }, /^ {2}PORT: /m);
  });

  it('counts as absent if the file or its name is empty', () => {
    const env = { ...LEAST, PARLEY_SECRET_PREVIOUS_FILE: file('previous', '\n'), PORT_FILE: '' };
    const read = readEnvironment(schema, env);
    assert.equal(read.PARLEY_SECRET_PREVIOUS, undefined);
    assert.equal(read.PORT, 0);
    refused(
      { MONGODB_URI: LEAST.MONGODB_URI, PARLEY_SECRET_FILE: file('empty', '') },
      /^ {2}PARLEY_SECRET: /m,
    );
  });

  it('is refused if it is given both ways, even with the same value', () => {
    const env = { ...LEAST, PARLEY_SECRET_FILE: file('secret', LEAST.PARLEY_SECRET) };
    refused(env, /^ {2}PARLEY_SECRET: Set either PARLEY_SECRET or PARLEY_SECRET_FILE$/m);
    readEnvironment(schema, { ...env, PARLEY_SECRET: '' });
  });

  it('is refused if the file is missing or a folder, with one fault for each variable', () => {
    const missing = join(folder, 'missing');
    refused(
      { MONGODB_URI_FILE: folder, PARLEY_SECRET_FILE: missing },
      /:\n {2}MONGODB_URI: The file that MONGODB_URI_FILE names cannot be read \(EISDIR\)\n {2}PARLEY_SECRET: The file that PARLEY_SECRET_FILE names cannot be read \(ENOENT\)$/,
    );
  });

  for (const name of ['PARLEY_SECERT', 'S3_KEY', 'MONGODB_URL', 'REDIS_URI']) {
    it(`is refused if there is no variable ${name}`, () => {
      refused(
        { ...LEAST, [`${name}_FILE`]: file('value', 'x') },
        new RegExp(`^ {2}${name}_FILE: There is no variable ${name}$`, 'm'),
      );
    });
  }

  it('is left alone if another process reads it, or another program', () => {
    const others = { PARLEY_WEB_ROOT_FILE: '/missing', SSL_CERT_FILE: '/missing' };
    readEnvironment(schema, { ...LEAST, ...others });
  });

  it('is replaced by its value for processes that the launcher starts', () => {
    const given = {
      PATH: '/bin',
      SSL_CERT_FILE: '/ca',
      S3_BUCKET_FILE: file('bucket', 'parley\n'),
    };
    assert.deepEqual(readVariableFiles(given), {
      PATH: '/bin',
      SSL_CERT_FILE: '/ca',
      S3_BUCKET: 'parley',
    });
    assert.throws(() => readVariableFiles({ ...given, S3_BUCKET: 'files' }), ConfigError);
  });
});
