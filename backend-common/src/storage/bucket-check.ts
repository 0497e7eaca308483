import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { AppError, SECOND } from '@parley/common';

import { ConfigError } from '../config/environment.ts';
import { failureStatus } from './refusals.ts';
import type { ObjectStoreSettings } from './settings.ts';
import type { StoreCalls } from './store-calls.ts';
import { UPLOAD_RULES } from './upload-rules.ts';

/** What a check of a bucket needs. */
interface CheckDeps {
  readonly calls: StoreCalls;
  readonly settings: ObjectStoreSettings;
  readonly origins: readonly string[];
  /** Presigns the download of an object. */
  readonly signMissing: (key: string) => Promise<string>;
}

const HELP = '`npm run bucket:setup` creates it and sets its rules; docs/object-stores.md has more';
const TIMEOUT = 10 * SECOND;

/**
 * Checks that the bucket exists, that the access key may use it, and that its CORS rules allow the web origins.
 * @throws ConfigError, AppError
 */
export async function checkBucket({ calls, settings, origins, signMissing }: CheckDeps) {
  await findBucket(calls, settings);
  for (const origin of origins) {
    await checkPreflight(settings, origin);
    await checkExposed(settings, { origin, url: await signMissing('.parley/none') });
  }
}

async function findBucket(calls: StoreCalls, { bucket, endpoint }: ObjectStoreSettings) {
  const command = new HeadBucketCommand({ Bucket: bucket });
  try {
    await calls.run({ name: 'check' }, (client, options) => client.send(command, options));
  } catch (error) {
    const status = error instanceof AppError ? failureStatus(error.cause) : 0;
    if (status === 404) {
      throw new ConfigError(`There is no bucket ${bucket} at ${endpoint}: ${HELP}`);
    }
    if (status === 401 || status === 403) {
      throw new ConfigError(
        `The object store at ${endpoint} does not let S3_ACCESS_KEY_ID use the bucket ${bucket}`,
      );
    }
    if (status === 301 || status === 400) {
      throw new ConfigError(`The bucket ${bucket} at ${endpoint} is not in the region S3_REGION`);
    }
    throw new AppError('unavailable', `The object store at ${endpoint} does not answer`, {
      cause: error,
    });
  }
}

/** Sends the preflight request of a browser, which needs no permission to read the CORS rules. */
async function checkPreflight({ bucket, endpoint }: ObjectStoreSettings, origin: string) {
  const answer = await ask(`${endpoint}/${bucket}/.parley/none`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': UPLOAD_RULES.headers.join(','),
    },
  });
  const allowed = listed(answer, 'access-control-allow-headers');
  const fits =
    answer.ok &&
    isAllowed(answer, origin) &&
    (allowed.includes('*') || UPLOAD_RULES.headers.every((name) => allowed.includes(name)));
  if (!fits) {
    throw new ConfigError(
      `The CORS rules of the bucket ${bucket} do not let pages of ${origin} upload: ${HELP}`,
    );
  }
}

/** A page needs `ETag` to complete a multipart upload. Skipped for stores that send no CORS headers with an error. */
async function checkExposed(
  { bucket, endpoint, publicEndpoint }: ObjectStoreSettings,
  { origin, url }: { readonly origin: string; readonly url: string },
) {
  const inner = url.replace(publicEndpoint, endpoint);
  const answer = await ask(inner, { headers: { origin } });
  if (!isAllowed(answer, origin)) return;
  const exposed = listed(answer, 'access-control-expose-headers');
  if (exposed.includes('etag') || exposed.includes('*')) return;
  throw new ConfigError(
    `The CORS rules of the bucket ${bucket} do not expose ETag to pages of ${origin}: ${HELP}`,
  );
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT) });
    await answer.body?.cancel();
    return answer;
  } catch (error) {
    throw new AppError('unavailable', 'The object store does not answer', { cause: error });
  }
}

function isAllowed(answer: Response, origin: string): boolean {
  const allowed = answer.headers.get('access-control-allow-origin');
  return allowed === '*' || allowed === origin;
}

function listed(answer: Response, name: string): string[] {
  return (answer.headers.get(name) ?? '').split(',').map((part) => part.trim().toLowerCase());
}
