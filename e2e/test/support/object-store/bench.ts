import { randomUUID } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { setUpBucket, type ObjectStoreSettings, type S3ObjectStore } from '@parley/backend-common';
import { testObjectStore } from '@parley/backend-common/testing';

/** The web origin that the suite's bucket lets in. */
export const ORIGIN = 'https://chat.example';
export const MINUTE = 60_000;
export const SMALLEST_PART = 5 * 1024 * 1024;

/** What a store answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  /** Sends the body in chunks and not its length. */
  readonly chunked?: boolean;
}

/** One request exactly as it is written here, which `fetch` would not let through. */
export function send(url: string, sent: Sent = {}): Promise<Answer> {
  const { body, chunked = false, headers = {}, method = 'GET' } = sent;
  const length = body === undefined || chunked ? {} : { 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent: false, headers: { ...length, ...headers } });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    if (chunked && body !== undefined) {
      outgoing.write(body.subarray(0, 1));
      outgoing.end(body.subarray(1));
    } else {
      outgoing.end(body);
    }
  });
}

/** A store under test with a bucket that was set up for {@link ORIGIN}. */
export class Bench {
  readonly #settings: () => Promise<ObjectStoreSettings>;
  #store: S3ObjectStore | undefined;
  #used: ObjectStoreSettings | undefined;

  constructor(settings: () => Promise<ObjectStoreSettings>) {
    this.#settings = settings;
  }

  async open(): Promise<void> {
    this.#used = await this.#settings();
    await setUpBucket(this.#used, [ORIGIN], () => undefined);
    this.#store = testObjectStore({ settings: this.#used, origins: [ORIGIN] });
  }

  get store(): S3ObjectStore {
    return this.#store!;
  }

  get settings(): ObjectStoreSettings {
    return this.#used!;
  }

  close(): void {
    this.#store?.close();
  }

  /** A key that nobody used. */
  key(): string {
    return `attachments/${randomUUID()}`;
  }

  /** Acts on a store whose clock or settings are others. */
  async with<Result>(
    other: { now?: () => number; settings?: Partial<ObjectStoreSettings>; origins?: string[] },
    act: (store: S3ObjectStore) => Promise<Result>,
  ): Promise<Result> {
    const store = testObjectStore({ ...other, settings: { ...this.settings, ...other.settings } });
    try {
      return await act(store);
    } finally {
      store.close();
    }
  }
}

/** The URL with another path, query or signature than the one that was signed. */
export function tampered(url: string, change: (url: URL) => void): string {
  const other = new URL(url);
  change(other);
  return other.href;
}
