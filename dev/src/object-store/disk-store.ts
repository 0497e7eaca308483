import { AsyncLocalStorage } from 'node:async_hooks';
import { readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { type IncomingHttpHeaders } from 'node:http';
import { dirname, join } from 'node:path';
import { type Readable } from 'node:stream';
import { Incoming, preconditionFailed } from './incoming.ts';
import {
  BaseStore,
  KEPT_METADATA,
  type ObjectMetadata,
  type S3Object,
  S3Refusal,
} from './s3rver.ts';
import { checkParts, etagOf, type Part } from './upload-parts.ts';

/** The head of the request that is being answered; s3rver passes only some of it to its store. */
export interface RequestHead {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** An upload in parts and the object it is for. */
export interface UploadAddress {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

type PartArguments = [bucket: string, uploadId: string, number: string, content: Readable];
type MetadataArguments = [bucket: string, key: string, metadata: ObjectMetadata, md5: string];
type UploadArguments = [bucket: string, key: string, uploadId: string, headers: object];
type CopyArguments = [
  fromBucket: string,
  from: string,
  toBucket: string,
  to: string,
  /** The headers of a request that replaces the metadata. */
  replaced?: ObjectMetadata | null,
];

const COMPLETING = '.completing';

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function noSuchUpload(): Error {
  return new S3Refusal('NoSuchUpload', 'The specified upload does not exist.');
}

/**
 * s3rver's store on disk with what it leaves out: objects appear whole or not at all, conditions and checksums hold,
 * and an upload in parts ends when it is completed or aborted.
 */
export class DiskStore extends BaseStore {
  readonly #incoming: Incoming;
  readonly #requests = new AsyncLocalStorage<RequestHead>();

  /** `folder` holds buckets, `incoming` what has not arrived yet; both on one file system. */
  constructor(folder: string, incoming: string) {
    super(folder);
    this.#incoming = new Incoming(incoming);
  }

  /** Removes what was arriving when the process ended, and gives back uploads whose completion it interrupted. */
  async recover(bucket: string): Promise<void> {
    await this.#incoming.clear();
    const uploads = this.getResourcePath(bucket, undefined, 'uploads');
    for (const name of await readdir(uploads).catch(() => [])) {
      const path = join(uploads, name);
      if (name.endsWith(COMPLETING)) await rename(path, path.slice(0, -COMPLETING.length));
    }
  }

  /** Runs the handler of a request, so that the store knows the headers of the request. */
  during<Answer>(head: RequestHead, act: () => Answer): Answer {
    return this.#requests.run(head, act);
  }

  #header(name: string): string | undefined {
    const value = this.#requests.getStore()?.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  async putObject({ bucket, content, key, metadata }: S3Object) {
    const path = this.getResourcePath(bucket, key, 'object');
    const onlyNew = this.#header('if-none-match') === '*';
    if (onlyNew && (await exists(path))) throw preconditionFailed('If-None-Match');
    const received = await this.#incoming.receive(content, this.#header('x-amz-checksum-sha256'));
    await this.#incoming.publish(received.path, path, onlyNew);
    await this.putMetadata(bucket, key, metadata, received.md5);
    return received;
  }

  async putPart(...[bucket, uploadId, number, content]: PartArguments) {
    const part = join(this.#uploadFolder(bucket, uploadId), number);
    if (!(await exists(dirname(part)))) throw noSuchUpload();
    const received = await this.#incoming.receive(content, this.#header('x-amz-checksum-sha256'));
    try {
      await this.#incoming.write(`${part}.md5`, received.md5);
      await rename(received.path, part);
    } catch (error) {
      await rm(received.path, { force: true });
      // It was completed or aborted while the part arrived.
      throw isMissing(error) ? noSuchUpload() : error;
    }
    return received;
  }

  async putObjectMultipart(bucket: string, uploadId: string, parts: readonly Part[]) {
    const folder = this.#uploadFolder(bucket, uploadId);
    if (!(await exists(folder))) throw noSuchUpload();
    await checkParts(folder, parts);
    const frozen = `${folder}${COMPLETING}`;
    // From here on no part can be added or replaced.
    await rename(folder, frozen).catch((error: unknown) => {
      throw isMissing(error) ? noSuchUpload() : error;
    });
    try {
      const key = await readFile(join(frozen, 'key'), 'utf8');
      const metadata: unknown = JSON.parse(await readFile(join(frozen, 'metadata'), 'utf8'));
      const files = parts.map(({ number }) => join(frozen, String(number)));
      const whole = await this.#incoming.join(files);
      const { size } = await stat(whole);
      await this.#incoming.publish(whole, this.getResourcePath(bucket, key, 'object'), false);
      const md5 = etagOf(parts);
      await this.putMetadata(bucket, key, metadata as ObjectMetadata, md5);
      await this.#incoming.discard(frozen);
      return { size, md5 };
    } catch (error) {
      await rename(frozen, folder).catch(() => undefined);
      throw error;
    }
  }

  override async initiateUpload(
    ...[bucket, key, uploadId, headers]: UploadArguments
  ): Promise<void> {
    const kept = Object.entries(headers).filter(([name]) => name !== 'authorization');
    await super.initiateUpload(bucket, key, uploadId, Object.fromEntries(kept));
  }

  /** Refuses with `NoSuchUpload` unless the upload is in progress and belongs to this object. */
  async requireUpload({ bucket, key, uploadId }: UploadAddress): Promise<void> {
    const file = join(this.#uploadFolder(bucket, uploadId), 'key');
    const known = await readFile(file, 'utf8').catch(() => undefined);
    if (known !== key) throw noSuchUpload();
  }

  /** The parts that have arrived. Refuses with `NoSuchUpload`. */
  async listParts(bucket: string, uploadId: string): Promise<readonly (Part & { size: number })[]> {
    const folder = this.#uploadFolder(bucket, uploadId);
    const names = await readdir(folder).catch(() => {
      throw noSuchUpload();
    });
    const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
    return Promise.all(
      numbers
        .toSorted((one, other) => one - other)
        .map(async (number) => ({
          number,
          etag: await readFile(join(folder, `${number}.md5`), 'utf8'),
          size: (await stat(join(folder, String(number)))).size,
        })),
    );
  }

  /** Removes an upload with its parts. Refuses with `NoSuchUpload`. */
  async abortUpload(bucket: string, uploadId: string): Promise<void> {
    const folder = this.#uploadFolder(bucket, uploadId);
    if (!(await exists(folder))) throw noSuchUpload();
    await this.#incoming.discard(folder);
  }

  /** Its files appear whole: a kill must not leave half of one, which would fail every later request for the object. */
  override async putMetadata(...[bucket, key, metadata, md5]: MetadataArguments): Promise<void> {
    const kept = Object.entries(metadata).filter(
      ([name]) => KEPT_METADATA.has(name) || name.startsWith('x-amz-meta-'),
    );
    await this.#incoming.write(this.getResourcePath(bucket, key, 'object.md5'), md5);
    const path = this.getResourcePath(bucket, key, 'metadata.json');
    await this.#incoming.write(path, JSON.stringify(Object.fromEntries(kept)));
  }

  /** Metadata that cannot be read, as a power failure may leave them, count as none: the object itself is whole. */
  override async getMetadata(bucket: string, key: string): Promise<ObjectMetadata> {
    try {
      return await super.getMetadata(bucket, key);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      await rm(this.getResourcePath(bucket, key, 'metadata.json'), { force: true });
      return super.getMetadata(bucket, key);
    }
  }

  async copyObject(...[fromBucket, from, toBucket, to, replaced]: CopyArguments) {
    const wanted = this.#header('x-amz-copy-source-if-match');
    const metadata = await this.getMetadata(fromBucket, from);
    const etag = String(metadata['etag']);
    if (wanted !== undefined && wanted !== etag && `"${wanted}"` !== etag) {
      throw preconditionFailed('x-amz-copy-source-If-Match');
    }
    const path = await this.#incoming.copy(this.getResourcePath(fromBucket, from, 'object'));
    const md5 = etag.replaceAll('"', '');
    await this.#incoming.publish(path, this.getResourcePath(toBucket, to, 'object'), false);
    await this.putMetadata(toBucket, to, replaced ?? metadata, md5);
    return this.getMetadata(toBucket, to);
  }

  async deleteObject(bucket: string, key: string): Promise<void> {
    const path = this.getResourcePath(bucket, key, 'object');
    const metadata = this.getResourcePath(bucket, key, 'metadata.json');
    // The object comes last: a deletion that a kill interrupts is repeated while it exists.
    for (const file of [metadata, `${path}.md5`, path]) await rm(file, { force: true });
    // Only folders that are empty go: an object may be on its way into one.
    const top = this.getBucketPath(bucket);
    for (let folder = dirname(path); folder.startsWith(`${top}/`); folder = dirname(folder)) {
      const removed = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }

  /** s3rver walks through the whole bucket to answer whether it exists. */
  override async listObjects(bucket: string, options: object): Promise<object> {
    if (this.#requests.getStore()?.method !== 'HEAD') return super.listObjects(bucket, options);
    return Promise.resolve({ objects: [], commonPrefixes: [], isTruncated: false });
  }

  #uploadFolder(bucket: string, uploadId: string): string {
    return join(this.getResourcePath(bucket, undefined, 'uploads'), uploadId);
  }
}
