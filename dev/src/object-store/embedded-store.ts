import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { closeServer, listen, type Logger, UPLOAD_RULES } from '@parley/backend-common';
import { HOUR } from '@parley/common';
import { DiskStore } from './disk-store.ts';
import { guard } from './guard.ts';
import { loadS3rver, S3Refusal } from './s3rver.ts';
import { type StoreKeys } from './signature.ts';

/** An object store on a folder of this machine. */
export interface EmbeddedStoreOptions {
  /** Where everything is kept; made if missing. */
  readonly folder: string;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly keys: StoreKeys;
  readonly bucket: string;
  /** Web origins that browsers may use it from; each may contain one `*`, which matches anything. */
  readonly origins: readonly string[];
  readonly logger: Logger;
  /** Makes any bucket that a signed request names, as tests want it. */
  readonly bucketsOnDemand?: boolean;
}

/** A running store. */
export interface EmbeddedStore {
  readonly url: string;
  /** Closes connections that are idle. */
  closeIdle(): void;
  close(): Promise<void>;
}

const SAFE_HEADERS = new Map([
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', 'sandbox'],
]);
const GRACE_MS = 2_000;
const DISCONNECTED = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

function corsXml(origins: readonly string[]): string {
  const tags = (name: string, values: readonly string[]) =>
    values.map((value) => `<${name}>${value}</${name}>`).join('');
  const rule = [
    tags('AllowedOrigin', origins),
    tags('AllowedMethod', UPLOAD_RULES.methods),
    tags('AllowedHeader', UPLOAD_RULES.headers),
    tags('ExposeHeader', UPLOAD_RULES.exposed),
    tags('MaxAgeSeconds', [String(UPLOAD_RULES.maxAgeSeconds)]),
  ];
  return `<CORSConfiguration><CORSRule>${rule.join('')}</CORSRule></CORSConfiguration>`;
}

/** Whether the client disconnected during a request, which is no error of the store. */
function hasDisconnected(code: string): boolean {
  return code.startsWith('HPE_') || DISCONNECTED.has(code);
}

/** Builds s3rver with the guard in front of it. */
async function createHandler(options: EmbeddedStoreOptions): Promise<Handler> {
  const { account, CorsConfiguration, S3rver } = loadS3rver();
  const { folder, keys, logger } = options;
  const store = new DiskStore(join(folder, 'buckets'), join(folder, 'incoming'));
  const app = new S3rver({ silent: true, vhostBuckets: false });
  app.store = app.context.store = store;
  // The key pair that s3rver is published with.
  account.revokeAccessKey('S3RVER');
  account.createKeyPair(keys.accessKeyId, keys.secretAccessKey);
  const cors = CorsConfiguration.validate(corsXml(options.origins));
  const made = new Map<string, Promise<void>>();
  const makeBucket = async (bucket: string) => {
    await store.putBucket(bucket);
    await store.putSubresource(bucket, undefined, cors);
  };
  const prepareBucket = (bucket: string): Promise<void> => {
    const known = made.get(bucket);
    if (known !== undefined) return known;
    if (options.bucketsOnDemand !== true || !/^test-[a-z0-9-]{1,50}$/.test(bucket)) {
      throw new S3Refusal('NoSuchBucket', 'The specified bucket does not exist');
    }
    const making = makeBucket(bucket);
    made.set(bucket, making);
    return making;
  };
  await store.recover(options.bucket);
  made.set(options.bucket, makeBucket(options.bucket));
  await made.get(options.bucket);
  app.middleware.splice(-1, 0, guard({ store, keys, prepareBucket }));
  app.on('error', (error: Error & { readonly status?: number; readonly code?: string }) => {
    const isAnswer = error.status !== undefined && error.status < 500;
    if (!isAnswer && !hasDisconnected(error.code ?? ''))
      logger.warn({ err: error }, 'A request failed');
  });
  return app.callback();
}

/**
 * An answer with which browsers guess no type and run nothing. s3rver removes all headers before it names a fault, so
 * these cannot be removed.
 */
class SafeResponse extends ServerResponse {
  override removeHeader(name: string): void {
    if (!SAFE_HEADERS.has(name)) super.removeHeader(name);
  }
}

/** Resolves when Koa has finished the request, possibly after the client has disconnected. */
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;

/** Serves the handler. If it cannot be built, for example because the folder is damaged, every request gets a 500. */
async function serve(
  handler: () => Promise<Handler>,
  { host, logger, port }: EmbeddedStoreOptions,
): Promise<EmbeddedStore> {
  const inProgress = new Set<Promise<unknown>>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    response.setHeaders(SAFE_HEADERS);
    try {
      const handle = await handler();
      await handle(request, response);
    } catch (error) {
      logger.error({ err: error }, 'The object store cannot be opened');
      response.writeHead(500).end();
    }
  };
  const options = { requestTimeout: HOUR, ServerResponse: SafeResponse };
  const server = createServer(options, (request, response) => {
    const answering = answer(request, response).finally(() => inProgress.delete(answering));
    inProgress.add(answering);
  });
  const url = await listen(server, { host, port });
  return {
    url,
    closeIdle: () => server.closeIdleConnections(),
    close: async () => {
      await closeServer(server, GRACE_MS);
      await Promise.all(inProgress);
    },
  };
}

/** Starts a store; it is ready when this resolves. @throws when the port is in use or the folder cannot be used */
export async function startEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const handler = await createHandler(options);
  return serve(() => Promise.resolve(handler), options);
}

/** Starts a store that is built at the first request: most test runs never send one. */
export function startLazyStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  let handler: Promise<Handler> | undefined;
  return serve(() => (handler ??= createHandler(options)), options);
}
