import {
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SECOND, type Now } from '@parley/common';

import type { GetGrant, PartGrant, PresignedPut, PutGrant } from './object-store.ts';

/** What a presigner needs. */
export interface PresignerDeps {
  /** A client for the public endpoint, which browsers and phones use. */
  readonly client: S3Client;
  readonly bucket: string;
  readonly now: Now;
}

const SHA256 = 'x-amz-checksum-sha256';

/** Creates presigned URLs, each for one request with fixed properties. */
export class Presigner {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #now: Now;

  constructor(deps: PresignerDeps) {
    this.#client = deps.client;
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
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ContentType: contentType,
      ContentLength: contentLength,
      IfNoneMatch: '*',
      ChecksumSHA256: checksum[SHA256],
    });
    const url = await getSignedUrl(this.#client, command, {
      ...this.#validity(expiresInMs),
      // By default the SDK signs neither the type nor the condition, and moves the checksum into the query, where no
      // store verifies it.
      signableHeaders: new Set(['host', 'content-length', ...Object.keys(headers)]),
      unhoistableHeaders: new Set([SHA256]),
    });
    return { url, headers };
  }

  part({ contentLength, key, uploadId, partNumber, expiresInMs }: PartGrant): Promise<string> {
    const command = new UploadPartCommand({
      Bucket: this.#bucket,
      Key: key,
      UploadId: uploadId,
      PartNumber: partNumber,
      ContentLength: contentLength,
    });
    return getSignedUrl(this.#client, command, {
      ...this.#validity(expiresInMs),
      signableHeaders: new Set(['host', 'content-length']),
    });
  }

  get({ contentDisposition, contentType, key, expiresInMs }: GetGrant): Promise<string> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ResponseContentType: contentType,
      ResponseContentDisposition: contentDisposition,
    });
    return getSignedUrl(this.#client, command, this.#validity(expiresInMs));
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
