import { AppError } from '@parley/common';
import type { Upload } from '@parley/common/contract';

/** Where a part goes, and with which headers. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Milliseconds before their end from which URLs are too old to begin with. */
const MARGIN = 60_000;
const NO_HEADERS = {};

export interface TargetsContext {
  /** The server's clock. */
  readonly now: () => number;
  /** Asks for fresh URLs of every part that is not done. */
  readonly renew: () => Promise<Upload>;
}

/** The URLs of one upload, by part; a file that goes in one request is its part 1. */
export class Targets {
  readonly #context: TargetsContext;
  readonly #targets = new Map<number, Target>();
  #expiresAt = 0;
  #renewing: Promise<void> | null = null;

  constructor(context: TargetsContext) {
    this.#context = context;
  }

  take(upload: Upload): void {
    this.#targets.clear();
    this.#expiresAt = upload.expiresAt;
    if (upload.kind === 'single') this.#targets.set(1, upload);
    else {
      for (const { partNumber, url } of upload.parts) {
        this.#targets.set(partNumber, { url, headers: NO_HEADERS });
      }
    }
  }

  /** The URL of a part is of no use any more. */
  drop(partNumber: number): void {
    this.#targets.delete(partNumber);
  }

  /** Where a part goes; fresh URLs are asked for once for all parts. */
  async of(partNumber: number): Promise<Target> {
    if (this.#expiresAt < this.#context.now() + MARGIN) this.#targets.clear();
    if (!this.#targets.has(partNumber)) await this.#renew();
    const target = this.#targets.get(partNumber);
    if (target === undefined) throw new AppError('internal', 'The server named no URL');
    return target;
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#context
      .renew()
      .then((upload) => this.take(upload))
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }
}
