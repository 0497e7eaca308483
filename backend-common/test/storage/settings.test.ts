import assert from 'node:assert/strict';
import {
  ConfigError,
  objectStoreEnvironment,
  readEnvironment,
  readObjectStoreSettings,
} from '@parley/backend-common';
import { z } from 'zod';

const schema = z.object(objectStoreEnvironment);
const read = (env: Record<string, string>) => readObjectStoreSettings(readEnvironment(schema, env));

const LEAST = {
  S3_ENDPOINT: 'https://s3.example.org/',
  S3_BUCKET: 'files',
  S3_ACCESS_KEY_ID: 'someone',
  S3_SECRET_ACCESS_KEY: 'very-secret',
};

describe('the settings of the object store', () => {
  it('are absent if no variable is set', () => {
    assert.equal(read({}), undefined);
    assert.equal(read({ S3_ENDPOINT: '', S3_BUCKET: '' }), undefined);
  });

  it('require four variables and have defaults for the others', () => {
    assert.deepEqual(read(LEAST), {
      endpoint: 'https://s3.example.org',
      publicEndpoint: 'https://s3.example.org',
      region: 'us-east-1',
      bucket: 'files',
      secret: { accessKeyId: 'someone', secretAccessKey: 'very-secret' },
    });
  });

  it('accept a separate public endpoint and a region', () => {
    const settings = read({
      ...LEAST,
      S3_ENDPOINT: 'http://store:7070',
      S3_PUBLIC_ENDPOINT: 'https://files.example.org',
      S3_REGION: 'auto',
    });
    assert.equal(settings?.endpoint, 'http://store:7070');
    assert.equal(settings.publicEndpoint, 'https://files.example.org');
    assert.equal(settings.region, 'auto');
  });

  for (const name of Object.keys(LEAST)) {
    it(`name ${name} if only it is missing`, () => {
      const others = Object.entries(LEAST).filter(([other]) => other !== name);
      assert.throws(
        () => read(Object.fromEntries(others)),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, new RegExp(`: ${name} missing`));
          assert.doesNotMatch(error.message, /very-secret/);
          return true;
        },
      );
    });
  }

  it('name all missing variables at once', () => {
    assert.throws(
      () => read({ S3_PUBLIC_ENDPOINT: 'https://files.example.org' }),
      /S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY missing/,
    );
  });

  it('refuse an endpoint with a path and an invalid bucket name', () => {
    const refused = { ...LEAST, S3_ENDPOINT: 'https://example.org/s3', S3_BUCKET: 'My Bucket' };
    assert.throws(() => read(refused), /S3_ENDPOINT: [^]*S3_BUCKET: /);
  });
});
