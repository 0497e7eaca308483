import {
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SECOND, type Now } from '@parley/common';

import type { GetGrant, PartGrant, PresignedPut, PutGrant } from './object-store.ts';

/** What signs URLs, and by which clock. */
export interface PresignerDeps {
  /** Speaks of the store under the address that browsers and phones know. */
  readonly client: S3Client;
  readonly bucket: string;
  readonly now: Now;
}

const SHA256 = 'x-amz-checksum-sha256';

/** Presigned URLs that bind what they are for. */
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
      // The SDK signs neither type nor condition unless they are named, and moves a checksum into the query, where no
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
