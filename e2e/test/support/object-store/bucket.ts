import assert from 'node:assert/strict';
import { setUpBucket } from '@parley/backend-common';

import { ORIGIN, send, type Bench } from './bench.ts';

const FOREIGN = 'https://elsewhere.example';

/** The bucket itself: who may use it, and what is said where it does not fit. */
export function describeBucket(bench: Bench): void {
  const preflight = (origin: string, headers: string) =>
    send(`${bench.settings.endpoint}/${bench.settings.bucket}/any`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': headers,
      },
    });

  describe('the bucket', () => {
    it('lets pages of its origin upload', async () => {
      const { headers, status } = await preflight(ORIGIN, 'content-type,if-none-match');
      assert.ok(status === 200 || status === 204, String(status));
      assert.equal(headers['access-control-allow-origin'], ORIGIN);
      assert.match(headers['access-control-allow-methods'] ?? '', /PUT/);
      assert.match(headers['access-control-allow-headers'] ?? '', /if-none-match/i);
    });

    it('lets neither foreign pages nor other headers in', async () => {
      for (const [origin, headers] of [
        [FOREIGN, 'content-type'],
        [ORIGIN, 'content-type,x-amz-acl'],
      ] as const) {
        const answer = await preflight(origin, headers);
        assert.equal(answer.status, 403);
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
      }
    });

    it('is set up again without a change', async () => {
      const lines: string[] = [];
      await setUpBucket(bench.settings, [ORIGIN], (line) => lines.push(line));
      assert.match(lines[0] ?? '', /is there$/);
      assert.match(lines[1] ?? '', /already$/);
    });

    it('is checked', async () => {
      await bench.store.check();
    });

    it('that lets an origin of ours not in is said to', async () => {
      const origins = [ORIGIN, FOREIGN];
      await assert.rejects(
        bench.with({ origins }, (store) => store.check()),
        { name: 'ConfigError', message: /do not let pages of https:\/\/elsewhere\.example upload/ },
      );
    });

    it('that does not exist is said to', async () => {
      await assert.rejects(
        bench.with({ settings: { bucket: 'parley-none' } }, (store) => store.check()),
        { name: 'ConfigError', message: /no bucket parley-none .*bucket:setup/ },
      );
    });

    it('that does not take the keys is said to, without the keys', async () => {
      const { accessKeyId } = bench.settings.secret;
      const secret = { accessKeyId, secretAccessKey: 'not-the-secret' };
      await assert.rejects(
        bench.with({ settings: { secret } }, (store) => store.check()),
        (error: Error) => {
          assert.equal(error.name, 'ConfigError');
          assert.match(error.message, /does not let S3_ACCESS_KEY_ID use the bucket/);
          assert.doesNotMatch(error.message, /not-the-secret/);
          return true;
        },
      );
    });
  });
}
