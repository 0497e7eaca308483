import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@parley/backend-common';
import { readConfig } from '@parley/messaging';

const needed = { MONGODB_URI: 'mongodb://127.0.0.1/x', PARLEY_SECRET: 'x'.repeat(32) };

describe('the configuration', () => {
  it('has a default for everything but the database and the secret', () => {
    assert.deepEqual(readConfig(needed), {
      host: '127.0.0.1',
      port: 0,
      metricsPort: 0,
      mongoUri: needed.MONGODB_URI,
      redisUrl: undefined,
      authUrl: undefined,
      admins: [],
      origins: [],
      publicOrigin: undefined,
      trustedProxies: [],
      objectStore: undefined,
      attachmentBytesPerDay: 10 * 1024 ** 3,
      longPolling: false,
      pushAfter: 5_000,
      pushConcurrency: 250,
      firebaseCredentials: undefined,
      rateLimits: true,
      logLevel: 'info',
      logDirectory: undefined,
      serverId: undefined,
      secrets: { secret: needed.PARLEY_SECRET },
    });
  });

  it('reads what is given', () => {
    const config = readConfig({
      ...needed,
      PARLEY_AUTH_URL: 'http://127.0.0.1:4000/',
      PARLEY_PUBLIC_ORIGIN: 'https://chat.example',
      PARLEY_ORIGINS: 'https://a.example, https://b.example',
      PARLEY_LONG_POLLING: 'on',
      PARLEY_ATTACHMENT_BYTES_PER_DAY: '1000000',
      PARLEY_RATE_LIMITS: 'off',
      S3_ENDPOINT: 'https://s3.example.org',
      S3_BUCKET: 'files',
      S3_ACCESS_KEY_ID: 'someone',
      S3_SECRET_ACCESS_KEY: 'very-secret',
    });
    assert.equal(config.objectStore?.bucket, 'files');
    assert.equal(config.authUrl, 'http://127.0.0.1:4000');
    assert.equal(config.publicOrigin, 'https://chat.example');
    assert.deepEqual(config.origins, ['https://a.example', 'https://b.example']);
    assert.equal(config.longPolling, true);
    assert.equal(config.attachmentBytesPerDay, 1_000_000);
    assert.equal(config.rateLimits, false);
  });

  it('names every fault at once', () => {
    const wrong = {
      PARLEY_SECRET: 'short',
      PARLEY_AUTH_URL: 'ftp://auth',
      PARLEY_PUBLIC_ORIGIN: 'https://chat.example/path',
      PARLEY_LONG_POLLING: 'yes',
      PARLEY_PUSH_AFTER: 'soon',
      // A file, and no service account.
      GOOGLE_APPLICATION_CREDENTIALS: import.meta.filename,
    };
    assert.throws(
      () => readConfig(wrong),
      (error) =>
        error instanceof ConfigError &&
        ['MONGODB_URI', ...Object.keys(wrong)].every((name) => error.message.includes(name)),
    );
  });

  it('refuses a service account with which no push could be sent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-account-'));
    const path = join(folder, 'account.json');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const account = {
      project_id: 'project',
      client_email: 'parley@project.iam.gserviceaccount.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
    const read = async (content: string) => {
      await writeFile(path, content);
      return readConfig({ ...needed, GOOGLE_APPLICATION_CREDENTIALS: path }).firebaseCredentials;
    };
    assert.equal(await read(JSON.stringify(account)), path);
    const wrong = [
      { ...account, client_email: undefined },
      { ...account, client_email: '' },
      { ...account, project_id: undefined },
      { ...account, private_key: 'no key' },
      { ...account, private_key: publicKey.export({ type: 'spki', format: 'pem' }) },
    ];
    for (const content of [...wrong.map((each) => JSON.stringify(each)), '{', '[]']) {
      await assert.rejects(read(content), /GOOGLE_APPLICATION_CREDENTIALS/, content);
    }
    await rm(folder, { recursive: true });
  });

  it('refuses an object store that is set up in part', () => {
    const env = { ...needed, S3_ENDPOINT: 'https://s3.example.org' };
    assert.throws(() => readConfig(env), /S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY/);
  });

  it('refuses to run without limits in production', () => {
    const env = { ...needed, PARLEY_RATE_LIMITS: 'off', NODE_ENV: 'production' };
    assert.throws(() => readConfig(env), ConfigError);
  });
});
