import { cut, readFirstByte, type SliceableFile } from './transfer-xhr.ts';
import type { Transfer } from './transfer.ts';

/** The used part of `fetch`, so that the client compiles without the types of browsers and Node. */
interface FetchScope {
  readonly AbortController: new () => { readonly signal: unknown; abort(): void };
  fetch(
    url: string,
    init: {
      readonly method: 'PUT';
      readonly headers: Readonly<Record<string, string>>;
      readonly body: unknown;
      readonly signal: unknown;
    },
  ): Promise<{ readonly status: number; readonly headers: { get(name: string): string | null } }>;
}

const scope = globalThis as unknown as FetchScope;

/** Long enough for a part over a slow connection: `fetch` reports no progress. */
const STALL = 10 * 60_000;

/** Sends by `fetch`, for Node and workers: without progress within a part. A file is a `File`, or a `Blob` with a name. */
export function fetchTransfer(): Transfer {
  return {
    stallMs: STALL,
    check: readFirstByte,
    put: ({ url, headers, file, from, to, progress }) => {
      const controller = new scope.AbortController();
      const body = cut(file as SliceableFile, from, to);
      const init = { method: 'PUT', headers, body, signal: controller.signal } as const;
      const done = scope.fetch(url, init).then(({ status, headers: answered }) => {
        progress(to - from);
        return { status, etag: answered.get('etag') ?? '' };
      });
      return { done, abort: () => controller.abort() };
    },
  };
}
