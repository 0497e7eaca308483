import { AppError, MINUTE, SECOND, type Now } from '@parley/common';

import { ConfigError } from '../config/environment.ts';
import { presignRequest, type PresignedRequest } from './presigned-request.ts';
import type { ObjectStoreSettings } from './settings.ts';
import type { StoreCalls } from './store-calls.ts';
import { UPLOAD_RULES } from './upload-rules.ts';

/** What a check of a bucket needs. */
interface CheckDeps {
  readonly calls: StoreCalls;
  readonly settings: ObjectStoreSettings;
  readonly origins: readonly string[];
  readonly now: Now;
}

const HELP = '`npm run bucket:setup` creates it and sets its rules; docs/object-stores.md has more';
const TIMEOUT = 10 * SECOND;
const ATTEMPTS = 3;
/** The path of an object that does not exist, in the bucket. */
const NONE = '.parley/none';

/**
 * Checks that the bucket exists, that the access key may use it, and that its CORS rules allow the web origins.
 * @throws ConfigError, AppError
 */
export async function checkBucket(deps: CheckDeps): Promise<void> {
  const { origins, settings } = deps;
  await findBucket(deps);
  for (const origin of origins) {
    await checkPreflight(settings, origin);
    const path = `/${settings.bucket}/${NONE}`;
    await checkExposed(settings, { origin, url: presign(deps, { method: 'GET', path }) });
  }
}

async function findBucket({ calls, now, settings }: CheckDeps): Promise<void> {
  const { bucket, endpoint } = settings;
  const status = await calls.measure({ name: 'check' }, async ({ abortSignal }) => {
    const answer = await askForBucket(settings, { now, signal: abortSignal });
    if (answer >= 500) throw new Error(`The object store answers with ${answer}`);
    return answer;
  });
  if (status === 404) {
    throw new ConfigError(`There is no bucket ${bucket} at ${endpoint}: ${HELP}`);
  }
  if (status === 401 || status === 403) {
    throw new ConfigError(
      `The object store at ${endpoint} does not let S3_ACCESS_KEY_ID use the bucket ${bucket}`,
    );
  }
  if (status === 301 || status === 307 || status === 400) {
    throw new ConfigError(`The bucket ${bucket} at ${endpoint} is not in the region S3_REGION`);
  }
  if (status >= 300) {
    throw new AppError('unavailable', `The object store at ${endpoint} answers with ${status}`);
  }
}

/** The status of the answer; asks again while the store fails. */
async function askForBucket(
  settings: ObjectStoreSettings,
  { now, signal }: { readonly now: Now; readonly signal: AbortSignal },
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const path = `/${settings.bucket}`;
    const url = presign({ settings, now }, { method: 'HEAD', path });
    const { status } = await fetch(url, { method: 'HEAD', redirect: 'manual', signal });
    if (status < 500 || attempt === ATTEMPTS) return status;
  }
}

function presign(
  { now, settings }: Pick<CheckDeps, 'now' | 'settings'>,
  request: Pick<PresignedRequest, 'method' | 'path'>,
): string {
  return presignRequest(settings, { ...request, now: now(), expiresInMs: MINUTE });
}

/** Sends the preflight request of a browser, which needs no permission to read the CORS rules. */
async function checkPreflight({ bucket, endpoint }: ObjectStoreSettings, origin: string) {
  const answer = await ask(`${endpoint}/${bucket}/${NONE}`, {
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
  { bucket }: ObjectStoreSettings,
  { origin, url }: { readonly origin: string; readonly url: string },
): Promise<void> {
  const answer = await ask(url, { headers: { origin } });
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
