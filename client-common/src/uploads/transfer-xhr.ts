import type { UploadFile } from './types.ts';
import type { Transfer } from './transfer.ts';

/** A file that can be sliced. */
export interface SliceableFile extends UploadFile {
  slice(from: number, to: number): { arrayBuffer?(): Promise<ArrayBuffer> };
}

/** The used part of `XMLHttpRequest`, so that the client compiles without the types of browsers. */
interface Xhr {
  readonly upload: { onprogress: ((event: { readonly loaded: number }) => void) | null };
  readonly status: number;
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body: unknown): void;
  abort(): void;
}

const scope = globalThis as unknown as { readonly XMLHttpRequest: new () => Xhr };

/** Sends by `XMLHttpRequest`: the only way for a page to follow the progress of an upload. */
export function xhrTransfer(): Transfer {
  return {
    check: readFirstByte,
    put: ({ url, headers, file, from, to, progress }) => {
      const xhr = new scope.XMLHttpRequest();
      const done = new Promise<{ status: number; etag: string }>((resolve, reject) => {
        xhr.onload = () =>
          resolve({ status: xhr.status, etag: xhr.getResponseHeader('etag') ?? '' });
        xhr.onerror = () => reject(new Error('The store did not answer'));
        xhr.onabort = () => reject(new Error('The request was aborted'));
        xhr.upload.onprogress = ({ loaded }) => progress(loaded);
        xhr.open('PUT', url);
        for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
        // A part with a media type would add a header that is not signed.
        xhr.send(cut(file as SliceableFile, from, to));
      });
      return { done, abort: () => xhr.abort() };
    },
  };
}

/** The bytes of a part; a slice has no media type. */
export function cut(file: SliceableFile, from: number, to: number): unknown {
  return file.slice(from, to);
}

/** Rejects if the file cannot be read: a browser finds that out only by reading. */
export async function readFirstByte(file: UploadFile): Promise<unknown> {
  return (file as SliceableFile).slice(0, 1).arrayBuffer?.();
}
