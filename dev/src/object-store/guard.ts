import { type DiskStore, type UploadAddress } from './disk-store.ts';
import { type S3Context, type S3Error, type S3Middleware, S3Refusal } from './s3rver.ts';
import { requireSignature, type StoreKeys } from './signature.ts';

/** What the guard needs to decide about a request. */
export interface GuardRules {
  readonly store: DiskStore;
  readonly keys: StoreKeys;
  /** Called before a signed request is handled; throws if the bucket does not exist. */
  readonly prepareBucket: (bucket: string) => Promise<void>;
}

/** The address of a bucket or an object in it. */
interface Address {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
}

const UPLOAD_ID = /^[0-9a-f]{32}$/;
const PART_NUMBER = /^[1-9]\d{0,4}$/;
const MOST_PARTS = 10_000;

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function addressOf(path: string): Address {
  try {
    const [, bucket = '', ...key] = decodeURIComponent(path).split('/');
    if (!key.includes('..')) return { bucket, key: key.join('/') };
  } catch {
    // An undecodable path is refused below.
  }
  throw new S3Refusal('InvalidURI', 'The path cannot be read');
}

/** Checks the upload id and the part number, because both become file names. */
function checkUpload(ctx: S3Context): string | undefined {
  const uploadId = ctx.query['uploadId'];
  if (uploadId === undefined) return undefined;
  const part = one(ctx.query['partNumber']);
  if (typeof uploadId !== 'string' || !UPLOAD_ID.test(uploadId)) {
    throw new S3Refusal('NoSuchUpload', 'The specified upload does not exist.');
  }
  if (ctx.method === 'PUT' && !(PART_NUMBER.test(part ?? '') && Number(part) <= MOST_PARTS)) {
    throw new S3Refusal('InvalidArgument', 'The part number must be from 1 to 10000');
  }
  return uploadId;
}

/** Makes s3rver skip its own check, which refuses some valid signatures; this one has been verified already. */
function passSignature(ctx: S3Context): void {
  ctx.app = Object.create(ctx.app, { allowMismatchedSignatures: { value: true } }) as object;
}

/** Answers the requests for multipart uploads that s3rver does not implement. */
async function answerUpload(
  ctx: S3Context,
  { bucket, key, uploadId }: UploadAddress,
  store: DiskStore,
): Promise<void> {
  if (ctx.method === 'DELETE') {
    await store.abortUpload(bucket, uploadId);
    ctx.status = 204;
    return;
  }
  const parts = await store.listParts(bucket, uploadId);
  const most = Math.min(Number(one(ctx.query['max-parts']) ?? 1_000), 1_000);
  const Part = parts.slice(0, most).map(({ number, etag, size }) => ({
    PartNumber: number,
    ETag: JSON.stringify(etag),
    Size: size,
  }));
  const listed = { Bucket: bucket, Key: key, UploadId: uploadId, MaxParts: most };
  ctx.body = { ListPartsResult: { ...listed, IsTruncated: parts.length > most, Part } };
}

/**
 * Stands before s3rver's own handlers: nothing passes that the store's keys have not signed, and preflights name the
 * origin that asked.
 */
export function guard({ store, keys, prepareBucket }: GuardRules): S3Middleware {
  return async (ctx, next) => {
    const address = addressOf(ctx.path);
    if (ctx.method === 'OPTIONS') {
      await prepareBucket(address.bucket);
      await next();
      if (ctx.response.get('access-control-allow-origin') === '*') {
        ctx.set('Access-Control-Allow-Origin', ctx.get('origin'));
      }
      return;
    }
    requireSignature(ctx, keys);
    passSignature(ctx);
    await prepareBucket(address.bucket);
    const uploadId = checkUpload(ctx);
    if (uploadId !== undefined) await store.requireUpload({ ...address, uploadId });
    try {
      await store.during({ method: ctx.method, headers: ctx.headers }, next);
    } catch (error) {
      const unknown = (error as S3Error).code === 'MethodNotAllowed';
      if (!unknown || uploadId === undefined) throw error;
      if (ctx.method !== 'DELETE' && ctx.method !== 'GET') throw error;
      await answerUpload(ctx, { ...address, uploadId }, store);
    }
  };
}
