import type * as PresignerLibrary from '@aws-sdk/s3-request-presigner';
import { SECOND, type Now } from '@parley/common';

import type { GetGrant, PartGrant, PresignedPut, PutGrant } from './object-store.ts';
import type { LoadedConnection, S3Connection } from './s3-connection.ts';

/** What a presigner needs. */
export interface PresignerDeps {
  /** To the public endpoint, which browsers and phones use. */
  readonly connection: S3Connection;
  readonly bucket: string;
  readonly now: Now;
}

const SHA256 = 'x-amz-checksum-sha256';

/** Creates presigned URLs, each for one request with fixed properties. */
export class Presigner {
  readonly #connection: S3Connection;
  readonly #bucket: string;
  readonly #now: Now;

  constructor(deps: PresignerDeps) {
    this.#connection = deps.connection;
    this.#bucket = deps.bucket;
    this.#now = deps.now;
  }

  async put({
    contentLength,
    contentType,
    key,
    sha256,
    expiresInMs,
  }: PutGrant): Promise<PresignedPut> {
    const checksum = sha256 === undefined ? {} : { [SHA256]: toBase64(sha256) };
    const headers = { 'content-type': contentType, 'if-none-match': '*', ...checksum };
    const { client, getSignedUrl, sdk } = await this.#load();
    const command = new sdk.PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ContentType: contentType,
      ContentLength: contentLength,
      IfNoneMatch: '*',
      ChecksumSHA256: checksum[SHA256],
    });
    const url = await getSignedUrl(client, command, {
      ...this.#validity(expiresInMs),
      // By default the SDK signs neither the type nor the condition, and moves the checksum into the query, where no
      // store verifies it.
      signableHeaders: new Set(['host', 'content-length', ...Object.keys(headers)]),
      unhoistableHeaders: new Set([SHA256]),
    });
    return { url, headers };
  }

  async part(grant: PartGrant): Promise<string> {
    const { contentLength, key, uploadId, partNumber, expiresInMs } = grant;
    const { client, getSignedUrl, sdk } = await this.#load();
    const command = new sdk.UploadPartCommand({
      Bucket: this.#bucket,
      Key: key,
      UploadId: uploadId,
      PartNumber: partNumber,
      ContentLength: contentLength,
    });
    return getSignedUrl(client, command, {
      ...this.#validity(expiresInMs),
      signableHeaders: new Set(['host', 'content-length']),
    });
  }

  async get(grant: GetGrant): Promise<string> {
    const { contentDisposition, contentType, key, expiresInMs } = grant;
    const { client, getSignedUrl, sdk } = await this.#load();
    const command = new sdk.GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ResponseContentType: contentType,
      ResponseContentDisposition: contentDisposition,
    });
    return getSignedUrl(client, command, this.#validity(expiresInMs));
  }

  async #load(): Promise<LoadedConnection & Pick<typeof PresignerLibrary, 'getSignedUrl'>> {
    const [connection, { getSignedUrl }] = await Promise.all([
      this.#connection.load(),
      import('@aws-sdk/s3-request-presigner'),
    ]);
    return { ...connection, getSignedUrl };
  }

  #validity(expiresInMs: number): { expiresIn: number; signingDate: Date } {
    const expiresIn = Math.max(1, Math.floor(expiresInMs / SECOND));
    return { expiresIn, signingDate: new Date(this.#now()) };
  }
}

/** S3 writes checksums in base64. */
function toBase64(hexadecimal: string): string {
  return Buffer.from(hexadecimal, 'hex').toString('base64');
}
