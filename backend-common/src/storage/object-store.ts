import type { Readable } from 'node:stream';

/** Why a store refused what was asked: the caller decides what it means. */
export type StoreRefusal =
  /** The multipart upload is unknown: never begun, completed or aborted. */
  | 'no_such_upload'
  /** A part is missing, has another etag, or is smaller than a store takes (5 MiB, the last one aside). */
  | 'invalid_part'
  /** The object is not the one whose etag was named. */
  | 'changed'
  /** There is no such object. */
  | 'missing';

/** A refusal of the store that is an answer, not an outage. */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly refusal: StoreRefusal;

  constructor(refusal: StoreRefusal, options: { readonly cause?: unknown } = {}) {
    super(`The object store refused: ${refusal}`, options);
    this.refusal = refusal;
  }
}

/** A request that a client may make once for itself: exactly these headers besides its length. */
export interface PresignedPut {
  readonly url: string;
  /** Only what a browser may set; lower case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a client is to upload in one piece. */
export interface PutGrant {
  readonly key: string;
  readonly contentType: string;
  /** Bytes. */
  readonly contentLength: number;
  /** Of the content, 64 hexadecimal digits. */
  readonly sha256?: string | undefined;
  /** Whole seconds count; at least one, at most 7 days. */
  readonly expiresInMs: number;
}

/** One part that a client is to upload. */
export interface PartGrant {
  readonly key: string;
  readonly uploadId: string;
  /** 1 to 10,000. */
  readonly partNumber: number;
  /** Bytes. */
  readonly contentLength: number;
  readonly expiresInMs: number;
}

/** A download that a client may make. */
export interface GetGrant {
  readonly key: string;
  /** What the answer says, whatever the object was stored with. */
  readonly contentType: string;
  readonly contentDisposition: string;
  readonly expiresInMs: number;
}

/** A multipart upload of one object. */
export interface MultipartUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** A part that has been uploaded, as the store named it. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** What the store knows about an object. */
export interface StoredObject {
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  /** As the store writes it, in quotes. */
  readonly etag: string;
  /** Of the whole content, 64 hexadecimal digits, where the store has verified it. */
  readonly sha256?: string;
}

/**
 * Where attachments are kept. Everything rejects with `AppError` `unavailable` when the store does not answer in time,
 * does not take our keys or fails, and with {@link ObjectStoreError} where a refusal is named.
 */
export interface ObjectStore {
  /**
   * Grants one upload. Its length, type and, where given, checksum are signed; it is refused where the key is taken,
   * but works again once the key is free, until it expires.
   */
  presignPut(grant: PutGrant): Promise<PresignedPut>;
  /** Begins a multipart upload; answers its id. */
  createMultipart(object: { key: string; contentType: string }): Promise<string>;
  /** Grants the upload of one part; its length is signed. */
  presignPart(grant: PartGrant): Promise<string>;
  /** Makes the object from its parts, in ascending order. Refusals: `no_such_upload`, `invalid_part`. */
  completeMultipart(
    upload: MultipartUpload & { readonly parts: readonly UploadedPart[] },
  ): Promise<void>;
  /** Ends the upload and removes its parts, those that were under way included. Of what is gone: fine. */
  abortMultipart(upload: MultipartUpload): Promise<void>;
  /** What is known about an object; null where there is none. */
  head(key: string): Promise<StoredObject | null>;
  /** The bytes from `start` to before `end`, fewer where the object ends earlier. Refusal: `missing`. */
  read(key: string, range: { start: number; end: number }): Promise<Uint8Array>;
  /** The whole content; the caller reads it to its end or destroys it. Refusal: `missing`. */
  stream(key: string): Promise<Readable>;
  /** Stores a small object, or replaces it. */
  put(object: { key: string; body: Uint8Array; contentType: string }): Promise<void>;
  /** Copies within the store, if the source still has this etag. Refusals: `missing`, `changed`. */
  copy(copy: { from: string; to: string; ifMatch: string }): Promise<void>;
  /** Removes an object. Of what is gone: fine. */
  delete(key: string): Promise<void>;
  /** Grants a download. */
  presignGet(grant: GetGrant): Promise<string>;
  /**
   * Whether the store can be used as it is set up.
   * @throws ConfigError in words that say what to do, where the bucket, its keys or its CORS rules do not fit
   * @throws AppError `unavailable` where the store does not answer
   */
  check(): Promise<void>;
}
