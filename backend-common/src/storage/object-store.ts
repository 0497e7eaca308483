import type { Readable } from 'node:stream';

/** Why a store refused a request; the caller decides what that means. */
export type StoreRefusal =
  /** The multipart upload does not exist: it was never started, or is completed or aborted. */
  | 'no_such_upload'
  /** A part is missing, has another etag, or is too small (below 5 MiB, except for the last one). */
  | 'invalid_part'
  /** The object has another etag than the one given. */
  | 'changed'
  /** The object does not exist. */
  | 'missing';

/** The store answered and refused; an outage is an `AppError` `unavailable`. */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly refusal: StoreRefusal;

  constructor(refusal: StoreRefusal, options: { readonly cause?: unknown } = {}) {
    super(`The object store refused: ${refusal}`, options);
    this.refusal = refusal;
  }
}

/** A request that a client may send once, with exactly these headers in addition to `content-length`. */
export interface PresignedPut {
  readonly url: string;
  /** Only headers that a browser may set; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An object that a client may upload in one request. */
export interface PutGrant {
  readonly key: string;
  readonly contentType: string;
  /** Bytes. */
  readonly contentLength: number;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256?: string | undefined;
  /** Milliseconds, rounded down to whole seconds; at least 1 s, at most 7 days. */
  readonly expiresInMs: number;
}

/** One part that a client may upload. */
export interface PartGrant {
  readonly key: string;
  readonly uploadId: string;
  /** 1 to 10,000. */
  readonly partNumber: number;
  /** Bytes. */
  readonly contentLength: number;
  readonly expiresInMs: number;
}

/** An object that a client may download. */
export interface GetGrant {
  readonly key: string;
  /** The `content-type` of the response, whatever the object was stored with. */
  readonly contentType: string;
  readonly contentDisposition: string;
  readonly expiresInMs: number;
}

/** A multipart upload of one object. */
export interface MultipartUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** An uploaded part with the etag that the store gave it. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** A copy of an object. */
export interface CopiedObject {
  readonly from: string;
  readonly to: string;
  /** The etag of the source. */
  readonly ifMatch: string;
  readonly contentType: string;
}

/** What the store knows about an object. */
export interface StoredObject {
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  /** As the store writes it, including the quotes. */
  readonly etag: string;
  /** SHA-256 of the whole content, 64 hexadecimal digits; absent if the store did not verify one. */
  readonly sha256?: string;
}

/**
 * Stores the content of attachments. Every method rejects with `AppError` `unavailable` if the store does not answer in
 * time, rejects the access key or fails, and with {@link ObjectStoreError} for the refusals that its comment lists.
 */
export interface ObjectStore {
  /**
   * Grants one upload. Its length, its type and, if given, its checksum are signed. The store refuses it while the key
   * exists; once the object is deleted, it works again until it expires.
   */
  presignPut(grant: PutGrant): Promise<PresignedPut>;
  /** Starts a multipart upload and returns its id. */
  createMultipart(object: { key: string; contentType: string }): Promise<string>;
  /** Grants the upload of one part; its length is signed. */
  presignPart(grant: PartGrant): Promise<string>;
  /** Creates the object from its parts, given in ascending order. Refusals: `no_such_upload`, `invalid_part`. */
  completeMultipart(
    upload: MultipartUpload & { readonly parts: readonly UploadedPart[] },
  ): Promise<void>;
  /** Aborts the upload and removes its parts, also those still in transfer. Succeeds if the upload does not exist. */
  abortMultipart(upload: MultipartUpload): Promise<void>;
  /** The metadata of an object; null if it does not exist. */
  head(key: string): Promise<StoredObject | null>;
  /** The bytes from `start` up to, not including, `end`; fewer if the object ends earlier. Refusal: `missing`. */
  read(key: string, range: { start: number; end: number }): Promise<Uint8Array>;
  /** The whole content; the caller must read it to the end or destroy it. Refusal: `missing`. */
  stream(key: string): Promise<Readable>;
  /** Stores a small object, or replaces it. */
  put(object: { key: string; body: Uint8Array; contentType: string }): Promise<void>;
  /**
   * Copies the bytes of an object within the store if it still has this etag. The copy has the given type and no other
   * metadata: an uploader can add headers to the source that no signature covers. Refusals: `missing`, `changed`.
   */
  copy(copy: CopiedObject): Promise<void>;
  /** Removes an object. Succeeds if it does not exist. */
  delete(key: string): Promise<void>;
  /** Grants a download. */
  presignGet(grant: GetGrant): Promise<string>;
  /**
   * Checks that the store is configured correctly.
   * @throws ConfigError that says what to do, if the bucket, the access key or the CORS rules are wrong
   * @throws AppError `unavailable` if the store does not answer
   */
  check(): Promise<void>;
}
