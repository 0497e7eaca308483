import { AppError } from '@parley/common';
import type { Upload } from '@parley/common/contract';

/** Where a part is sent, and with which headers. */
export interface UploadUrl {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Milliseconds before their expiry from which URLs are too old to be used. */
const MARGIN = 60_000;
const NO_HEADERS = {};

export interface UploadUrlsDeps {
  /** The server's clock. */
  readonly now: () => number;
  /** Requests new URLs of all parts that are missing. */
  readonly renew: () => Promise<Upload>;
}

/** The URLs of one upload, by part; a file that is sent in one request is its part 1. */
export class UploadUrls {
  readonly #deps: UploadUrlsDeps;
  readonly #urls = new Map<number, UploadUrl>();
  #expiresAt = 0;
  #renewing: Promise<void> | null = null;

  constructor(deps: UploadUrlsDeps) {
    this.#deps = deps;
  }

  set(upload: Upload): void {
    this.#urls.clear();
    this.#expiresAt = upload.expiresAt;
    if (upload.kind === 'single') this.#urls.set(1, upload);
    else {
      for (const { partNumber, url } of upload.parts) {
        this.#urls.set(partNumber, { url, headers: NO_HEADERS });
      }
    }
  }

  /** The URL of a part does not work. */
  drop(partNumber: number): void {
    this.#urls.delete(partNumber);
  }

  /** The URL of a part. New URLs are requested once for all parts. */
  async of(partNumber: number): Promise<UploadUrl> {
    if (this.#expiresAt < this.#deps.now() + MARGIN) this.#urls.clear();
    if (!this.#urls.has(partNumber)) await this.#renew();
    const url = this.#urls.get(partNumber);
    if (url === undefined) throw new AppError('internal', 'The server sent no upload URL');
    return url;
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#deps
      .renew()
      .then((upload) => this.set(upload))
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }
}
