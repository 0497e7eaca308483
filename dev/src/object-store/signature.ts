import { createHmac, timingSafeEqual } from 'node:crypto';
import { loadSigning, type S3Context, type S3Error, S3Refusal, type SignedBy } from './s3rver.ts';

/** The one key pair of a store. */
export interface StoreKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSIGNED = 'UNSIGNED-PAYLOAD';

function denied(message: string): S3Error {
  return new S3Refusal('AccessDenied', message);
}

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** As RFC 3986 has it: `encodeURIComponent` leaves `!'()*` alone. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalQuery(querystring: string): string {
  return [...new URLSearchParams(querystring)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
}

/** Who signed, and when; expiry and clock skew are checked here too. */
function readSignature(ctx: S3Context): SignedBy & { readonly inQuery: boolean } {
  const { parseHeader, parseQuery } = loadSigning();
  if (Object.values(ctx.query).some(Array.isArray)) throw denied('A parameter is given twice');
  if ('Signature' in ctx.query) throw denied('Signatures of version 2 are not taken');
  if (one(ctx.query['X-Amz-Algorithm']) === ALGORITHM) {
    return { ...parseQuery(ctx.query), inQuery: true };
  }
  if (ctx.get('authorization').startsWith(`${ALGORITHM} `)) {
    return { ...parseHeader(ctx.headers), time: ctx.get('x-amz-date'), inQuery: false };
  }
  throw denied('Access Denied');
}

/** As S3 does: a client that was given a URL must not add an instruction, such as a source to copy from. */
function refuseUnsignedInstructions(ctx: S3Context, signed: readonly string[]): void {
  const names = new Set(signed);
  const unsigned = Object.keys(ctx.headers).some(
    (name) => name.startsWith('x-amz-') && !names.has(name),
  );
  if (!unsigned && names.has('host')) return;
  throw denied('There were headers present in the request which were not signed');
}

/**
 * Refuses a request that these keys have not signed exactly as it is. s3rver's own check knows neither a slash at the
 * end of a bucket's address nor quotes in a query, both of which SDKs sign.
 */
export function requireSignature(ctx: S3Context, keys: StoreKeys): void {
  const { getSigningKey, getStringToSign } = loadSigning();
  const request = readSignature(ctx);
  const { credential, inQuery, signatureProvided, signedHeaders, time } = request;
  if (request.accessKeyId !== keys.accessKeyId) {
    throw new S3Refusal('InvalidAccessKeyId', 'The access key does not exist in our records');
  }
  if (Object.values(credential).some((part) => !part)) throw denied('The credential is cut off');
  refuseUnsignedInstructions(ctx, signedHeaders);
  const payload = inQuery
    ? (one(ctx.query['X-Amz-Content-Sha256']) ?? UNSIGNED)
    : ctx.get('x-amz-content-sha256');
  const canonical = {
    method: ctx.method,
    uri: decodeURIComponent(ctx.path).split('/').map(encode).join('/'),
    querystring: canonicalQuery(ctx.querystring),
    headers: { ...ctx.headers, 'x-amz-content-sha256': payload },
    timestamp: time,
  };
  const { date, region, service } = credential;
  const key = getSigningKey(keys.secretAccessKey, date, region, service);
  const wanted = createHmac('sha256', key).update(getStringToSign(canonical, request)).digest();
  const given = Buffer.from(signatureProvided, 'hex');
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new S3Refusal('SignatureDoesNotMatch', 'The signature does not match the request');
}
