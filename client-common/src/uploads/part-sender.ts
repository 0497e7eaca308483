import { AppError } from '@parley/common';

import type { UploadPhase } from '../attachments/types.ts';
import type { CancellableWaits } from './cancellable-waits.ts';
import type { FinishedPart } from './checkpoints.ts';
import { requireReadable } from './readable-file.ts';
import type { Transfer, TransferRun } from './transfer.ts';
import type { UploadFile, UploadsHost } from './types.ts';
import type { UploadUrl, UploadUrls } from './upload-urls.ts';

/** Parts of one file sent at a time. */
const PARALLEL = 3;
/** Failures of a part in a row, while the server itself answers, after which the file counts as failed. */
const FAILURES = 8;
/** Milliseconds without progress after which a request counts as hanging. */
const STALL = 30_000;

export interface PartSenderDeps {
  readonly host: Pick<UploadsHost, 'connection' | 'probe' | 'runtime'>;
  readonly transfer: Transfer;
  readonly waits: CancellableWaits;
  readonly urls: UploadUrls;
  readonly report: (phase: UploadPhase) => void;
}

/** The parts of a file. A file that is sent in one request is one part. */
export interface PartPlan {
  readonly partSize: number;
  /** Numbers of the parts that the store has. */
  readonly done: ReadonlySet<number>;
  readonly finished: (part: FinishedPart) => void;
}

interface Part {
  readonly partNumber: number;
  readonly partSize: number;
}

/** Sends the parts of one file to the store, three at a time, each until the store has it. */
export class PartSender {
  readonly #deps: PartSenderDeps;
  readonly #runs = new Set<TransferRun>();
  readonly #sent = new Map<number, number>();
  #failure: Error | null = null;

  constructor(deps: PartSenderDeps) {
    this.#deps = deps;
  }

  /** Sent bytes of unfinished parts. */
  get unfinishedBytes(): number {
    return [...this.#sent.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Resolves when the store has every part. */
  async send(file: UploadFile, { partSize, done, finished }: PartPlan): Promise<void> {
    this.#failure = null;
    const count = Math.ceil(file.size / partSize);
    const all = Array.from({ length: count }, (_, index) => index + 1);
    const missing = all.filter((partNumber) => !done.has(partNumber));
    const work = async () => {
      for (let next = missing.shift(); next !== undefined; next = missing.shift()) {
        finished(await this.#sendPart(file, { partNumber: next, partSize }));
        this.#sent.delete(next);
        this.#deps.report('sending');
      }
    };
    try {
      await Promise.all(Array.from({ length: PARALLEL }, work));
    } catch (thrown) {
      this.#failure = thrown as Error;
      this.abort();
      throw thrown;
    }
  }

  /** Aborts the requests in progress. */
  abort(): void {
    for (const run of this.#runs) run.abort();
  }

  async #sendPart(file: UploadFile, part: Part): Promise<FinishedPart> {
    const { host, waits, urls, report } = this.#deps;
    const { partNumber } = part;
    for (let failures = 0; ;) {
      const url = await urls.of(partNumber);
      this.#check();
      const etag = await this.#put(file, part, url);
      if (etag !== null) return { partNumber, etag };
      this.#sent.delete(partNumber);
      this.#check();
      report('sending');
      failures += 1;
      if (failures >= FAILURES) throw new AppError('unavailable', 'The store does not answer');
      await waits.delay(host.runtime.backoff(failures));
      if (host.connection.isOnline) continue;
      await waits.online(() => report('waiting'));
      failures = 0;
      report('sending');
    }
  }

  /** The store's ETag of the part; `null` if the store did not accept it. */
  async #put(file: UploadFile, part: Part, url: UploadUrl): Promise<string | null> {
    const { partNumber } = part;
    const run = this.#start(file, part, url);
    try {
      const { status, etag } = await run.done;
      // 412: the store has the part from an earlier request whose answer was lost.
      if ((status >= 200 && status < 300) || status === 412) return etag;
      this.#deps.urls.drop(partNumber);
    } catch {
      await requireReadable(this.#deps.transfer, file);
      this.#deps.host.probe.check();
    } finally {
      this.#runs.delete(run);
    }
    return null;
  }

  #start(
    file: UploadFile,
    { partNumber, partSize }: Part,
    { url, headers }: UploadUrl,
  ): TransferRun {
    const { host, transfer, report } = this.#deps;
    const from = (partNumber - 1) * partSize;
    const to = Math.min(file.size, from + partSize);
    const hangs = () => run.abort();
    const stallMs = transfer.stallMs ?? STALL;
    let cancel = host.runtime.delay(stallMs, hangs);
    const progress = (sentBytes: number) => {
      cancel();
      cancel = host.runtime.delay(stallMs, hangs);
      this.#sent.set(partNumber, Math.min(sentBytes, to - from));
      report('sending');
    };
    const request = transfer.put({ url, headers, file, from, to, progress });
    const run: TransferRun = { ...request, done: request.done.finally(() => cancel()) };
    this.#runs.add(run);
    return run;
  }

  /** Throws if the upload was cancelled or another part has failed. */
  #check(): void {
    this.#deps.waits.check();
    if (this.#failure !== null) throw this.#failure;
  }
}
