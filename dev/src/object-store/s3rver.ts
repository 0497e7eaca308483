import { createRequire } from 'node:module';
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Readable } from 'node:stream';

/** What s3rver stores with an object. */
export type ObjectMetadata = Readonly<Record<string, string | number | undefined>>;

/** An object as s3rver passes it to its store. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
  readonly content: Readable;
  readonly metadata: ObjectMetadata;
}

/** The part of s3rver's store on disk that ours builds on. */
export interface FilesystemStore {
  getResourcePath(bucket: string, key: string | undefined, resource: string): string;
  getBucketPath(bucket: string): string;
  getMetadata(bucket: string, key: string): Promise<ObjectMetadata>;
  putMetadata(
    ...object: [bucket: string, key: string, metadata: ObjectMetadata, md5: string]
  ): Promise<void>;
  putBucket(bucket: string): Promise<unknown>;
  putSubresource(bucket: string, key: undefined, resource: unknown): Promise<void>;
  getSubresource(bucket: string, key: undefined, type: 'cors'): Promise<object | null>;
  listObjects(bucket: string, options: object): Promise<object>;
  initiateUpload(
    ...upload: [bucket: string, key: string, uploadId: string, metadata: object]
  ): Promise<void>;
}

/** What s3rver answers an error with: an S3 code, which brings its HTTP status. */
export interface S3Error extends Error {
  readonly code: string;
  readonly status: number;
}

/** A Koa context as far as it is used here. */
export interface S3Context {
  readonly method: string;
  readonly path: string;
  readonly querystring: string;
  status: number;
  body: unknown;
  readonly headers: IncomingHttpHeaders;
  readonly query: Readonly<Record<string, string | string[] | undefined>>;
  app: object;
  readonly response: { get(name: string): string };
  get(name: string): string;
  set(name: string, value: string): void;
}

export type S3Middleware = (ctx: S3Context, next: () => Promise<unknown>) => Promise<void>;

/** s3rver, which is a Koa application. */
interface S3rver {
  store: FilesystemStore;
  readonly context: { store: FilesystemStore };
  readonly middleware: S3Middleware[];
  readonly logger: { close(): void };
  on(event: 'error', listener: (error: Error) => void): void;
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;
}

/** What a signature of version 4 says of itself. */
export interface SignedBy {
  readonly accessKeyId: string;
  readonly credential: { readonly date: string; readonly region: string; readonly service: string };
  readonly signedHeaders: readonly string[];
  readonly signatureProvided: string;
  /** As in `20261125T224630Z`. */
  readonly time: string;
}

/** What a signature is of. */
interface CanonicalRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: string;
  readonly headers: IncomingHttpHeaders;
  readonly timestamp: string;
}

/** s3rver's reading of signatures. Both throw what S3 answers where one is malformed or has expired. */
interface Signing {
  readonly parseHeader: (headers: IncomingHttpHeaders) => Omit<SignedBy, 'time'>;
  readonly parseQuery: (query: S3Context['query']) => SignedBy;
  readonly getStringToSign: (request: CanonicalRequest, by: SignedBy) => string;
  readonly getSigningKey: (
    ...of: [secret: string, date: string, region: string, service: string]
  ) => Buffer;
}

interface Account {
  createKeyPair(accessKeyId: string, secretAccessKey: string): void;
  revokeAccessKey(accessKeyId: string): void;
}

const require = createRequire(import.meta.url);

/** Loads s3rver: it has no types of its own, and costs a quarter of a second. */
export function loadS3rver() {
  return {
    S3rver: require('@20minutes/s3rver') as new (options: object) => S3rver,
    account: (require('@20minutes/s3rver/lib/models/account') as { DUMMY_ACCOUNT: Account })
      .DUMMY_ACCOUNT,
    CorsConfiguration: (
      require('@20minutes/s3rver/lib/models/config') as {
        S3CorsConfiguration: { validate(xml: string): unknown };
      }
    ).S3CorsConfiguration,
  };
}

/** The class that our store on disk extends. */
export const BaseStore = require('@20minutes/s3rver/lib/stores/filesystem') as new (
  folder: string,
) => FilesystemStore;

/** Headers of an upload that are kept with the object. */
export const KEPT_METADATA: ReadonlySet<string> = new Set(
  (require('@20minutes/s3rver/lib/models/object') as { ALLOWED_METADATA: readonly string[] })
    .ALLOWED_METADATA,
);

/** How a request is refused in S3's words. */
export const S3Refusal = require('@20minutes/s3rver/lib/models/error') as new (
  code: string,
  message: string,
  detail?: object,
) => S3Error;

/** s3rver's reading of signatures; loaded with the rest. */
export function loadSigning(): Signing {
  return require('@20minutes/s3rver/lib/signature/v4') as Signing;
}
