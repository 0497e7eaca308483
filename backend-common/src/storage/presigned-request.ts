import { createHash, createHmac } from 'node:crypto';
import { SECOND } from '@parley/common';

import type { ObjectStoreSettings } from './settings.ts';

/** A request without a body to one address of the store. */
export interface PresignedRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path below the endpoint, encoded. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly expiresInMs: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The URL of a request, signed by version 4 of AWS's signatures. For the check at start
 * alone, so that a node does not load the SDK before there is a file.
 */
export function presignRequest(
  { endpoint, region, secret }: ObjectStoreSettings,
  { expiresInMs, method, now, path }: PresignedRequest,
): string {
  const url = new URL(path, endpoint);
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  // In the order that the signature wants: by name.
  const query = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${secret.accessKeyId}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(Math.floor(expiresInMs / SECOND))],
    ['X-Amz-SignedHeaders', 'host'],
  ]
    .map(([name = '', value = '']) => `${name}=${encode(value)}`)
    .join('&');
  const headers = `host:${url.host}\n`;
  const request = [method, url.pathname, query, headers, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const hash = createHash('sha256').update(request).digest('hex');
  const key = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secret.secretAccessKey}`));
  const signature = hmac(key, [ALGORITHM, time, scope, hash].join('\n')).toString('hex');
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${signature}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** As RFC 3986 has it: `encodeURIComponent` leaves `!'()*` alone. */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
