import { addAbortSignal, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, MINUTE, type Now } from '@parley/common';

import type { Metrics } from '../metrics/metrics.ts';
import { firstBytes, toReadable, wholeChecksum } from './answers.ts';
import { checkBucket } from './bucket-check.ts';
import {
  ObjectStoreError,
  type CopiedObject,
  type GetGrant,
  type MultipartUpload,
  type ObjectStore,
  type PartGrant,
  type PresignedPut,
  type PutGrant,
  type StoredObject,
  type UploadedPart,
} from './object-store.ts';
import { Presigner } from './presigner.ts';
import { S3Connection } from './s3-connection.ts';
import type { ObjectStoreSettings } from './settings.ts';
import { LONG_TIMEOUT, StoreCalls } from './store-calls.ts';

/** What the store needs. */
export interface S3ObjectStoreDeps {
  readonly settings: ObjectStoreSettings;
  /** Signs requests and URLs. */
  readonly now: Now;
  readonly metrics: Metrics;
  /** Web origins that must be able to upload and download; {@link S3ObjectStore.check} verifies it. */
  readonly origins?: readonly string[];
}

/** Milliseconds; longer than any of our readers needs for an object. */
const STREAM_TIMEOUT = 15 * MINUTE;
/** Milliseconds between one abort and the next. */
const ABORT_PAUSES = [0, 100, 200, 400, 800];

/**
 * A store with the S3 protocol: AWS, R2, versitygw. Bucket names are in the path, never in the host name. The SDK is loaded
 * with the first call, except for that of {@link S3ObjectStore.check}.
 */
export class S3ObjectStore implements ObjectStore {
  readonly #settings: ObjectStoreSettings;
  readonly #origins: readonly string[];
  readonly #now: Now;
  readonly #connections: readonly S3Connection[];
  readonly #calls: StoreCalls;
  readonly #presigner: Presigner;

  constructor({ settings, now, metrics, origins = [] }: S3ObjectStoreDeps) {
    const inner = new S3Connection(settings, settings.endpoint);
    const outer = new S3Connection(settings, settings.publicEndpoint);
    this.#settings = settings;
    this.#origins = origins;
    this.#now = now;
    this.#connections = [inner, outer];
    this.#calls = new StoreCalls({ connection: inner, now, metrics });
    this.#presigner = new Presigner({ connection: outer, bucket: settings.bucket, now });
  }

  presignPut(grant: PutGrant): Promise<PresignedPut> {
    return this.#presigner.put(grant);
  }

  presignPart(grant: PartGrant): Promise<string> {
    return this.#presigner.part(grant);
  }

  presignGet(grant: GetGrant): Promise<string> {
    return this.#presigner.get(grant);
  }

  async createMultipart({ key, contentType }: { key: string; contentType: string }) {
    const input = { ...this.#at(key), ContentType: contentType };
    const { UploadId } = await this.#calls.run(
      { name: 'create_multipart' },
      ({ client, sdk }, options) =>
        client.send(new sdk.CreateMultipartUploadCommand(input), options),
    );
    if (UploadId === undefined)
      throw new AppError('unavailable', 'The object store returned no upload id');
    return UploadId;
  }

  async completeMultipart({
    key,
    uploadId,
    parts,
  }: MultipartUpload & { readonly parts: readonly UploadedPart[] }): Promise<void> {
    const input = {
      ...this.#at(key),
      UploadId: uploadId,
      MultipartUpload: {
        Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })),
      },
    };
    await this.#calls.run(
      {
        name: 'complete_multipart',
        refusals: ['no_such_upload', 'invalid_part'],
        timeout: LONG_TIMEOUT,
      },
      ({ client, sdk }, options) =>
        client.send(new sdk.CompleteMultipartUploadCommand(input), options),
    );
  }

  async abortMultipart(upload: MultipartUpload): Promise<void> {
    // A part in transfer may be stored after the abort, and then remains until the next abort.
    for (const pause of ABORT_PAUSES) {
      await delay(pause);
      await this.#abortOnce(upload);
      if (await this.#isGone(upload)) return;
    }
    throw new AppError('unavailable', 'Parts of the upload are still arriving');
  }

  async #abortOnce({ key, uploadId }: MultipartUpload): Promise<void> {
    const input = { ...this.#at(key), UploadId: uploadId };
    const call = { name: 'abort_multipart', refusals: ['no_such_upload'] } as const;
    await orNull(
      this.#calls.run(call, ({ client, sdk }, options) =>
        client.send(new sdk.AbortMultipartUploadCommand(input), options),
      ),
    );
  }

  async #isGone({ key, uploadId }: MultipartUpload): Promise<boolean> {
    const input = { ...this.#at(key), UploadId: uploadId, MaxParts: 1 };
    const call = { name: 'list_parts', refusals: ['no_such_upload'] } as const;
    const listed = this.#calls.run(call, ({ client, sdk }, options) =>
      client.send(new sdk.ListPartsCommand(input), options),
    );
    return (await orNull(listed)) === null;
  }

  async head(key: string): Promise<StoredObject | null> {
    const input = { ...this.#at(key), ChecksumMode: 'ENABLED' } as const;
    const call = { name: 'head', refusals: ['missing'] } as const;
    const found = await orNull(
      this.#calls.run(call, ({ client, sdk }, options) =>
        client.send(new sdk.HeadObjectCommand(input), options),
      ),
    );
    if (found === null) return null;
    const sha256 = wholeChecksum(found.ChecksumSHA256);
    return {
      size: found.ContentLength ?? 0,
      contentType: found.ContentType ?? 'application/octet-stream',
      etag: found.ETag ?? '',
      ...(sha256 === undefined ? {} : { sha256 }),
    };
  }

  async read(key: string, { start, end }: { start: number; end: number }): Promise<Uint8Array> {
    if (end <= start) return new Uint8Array();
    const input = { ...this.#at(key), Range: `bytes=${start}-${end - 1}` };
    return this.#calls.run(
      { name: 'read', refusals: ['missing'] },
      async ({ client, sdk }, options) => {
        try {
          const { Body } = await client.send(new sdk.GetObjectCommand(input), options);
          return await firstBytes(toReadable(Body), end - start);
        } catch (error) {
          // The object ends before the range.
          if (error instanceof Error && error.name === 'InvalidRange') return new Uint8Array();
          throw error;
        }
      },
    );
  }

  async stream(key: string): Promise<Readable> {
    const call = { name: 'stream', refusals: ['missing'] } as const;
    const { Body } = await this.#calls.run(call, ({ client, sdk }, { requestTimeout }) =>
      client.send(new sdk.GetObjectCommand(this.#at(key)), { requestTimeout }),
    );
    return addAbortSignal(AbortSignal.timeout(STREAM_TIMEOUT), toReadable(Body));
  }

  async put(object: { key: string; body: Uint8Array; contentType: string }): Promise<void> {
    const input = {
      ...this.#at(object.key),
      Body: object.body,
      ContentType: object.contentType,
    };
    await this.#calls.run({ name: 'put' }, ({ client, sdk }, options) =>
      client.send(new sdk.PutObjectCommand(input), options),
    );
  }

  async copy({ from, to, contentType, ifMatch }: CopiedObject): Promise<void> {
    const source = `${this.#settings.bucket}/${from}`.split('/').map(encodeURIComponent).join('/');
    const input = {
      ...this.#at(to),
      CopySource: source,
      CopySourceIfMatch: ifMatch,
      MetadataDirective: 'REPLACE',
      ContentType: contentType,
    } as const;
    await this.#calls.run(
      { name: 'copy', refusals: ['missing', 'changed'], timeout: LONG_TIMEOUT },
      ({ client, sdk }, options) => client.send(new sdk.CopyObjectCommand(input), options),
    );
  }

  async delete(key: string): Promise<void> {
    const call = { name: 'delete', refusals: ['missing'] } as const;
    await orNull(
      this.#calls.run(call, ({ client, sdk }, options) =>
        client.send(new sdk.DeleteObjectCommand(this.#at(key)), options),
      ),
    );
  }

  check(): Promise<void> {
    return checkBucket({
      calls: this.#calls,
      settings: this.#settings,
      origins: this.#origins,
      now: this.#now,
    });
  }

  /** Closes all connections. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#settings.bucket, Key: key };
  }
}

/** Null if the store refused, for calls on what may not exist. */
async function orNull<Answer>(call: Promise<Answer>): Promise<Answer | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ObjectStoreError) return null;
    throw error;
  }
}
