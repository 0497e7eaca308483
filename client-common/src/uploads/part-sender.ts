import { AppError } from '@parley/common';

import type { UploadFile, UploadPhase } from '../api/uploads.ts';
import { backoff } from '../connection/backoff.ts';
import type { Context } from '../context.ts';
import type { UploadRecord } from './records.ts';
import type { Target, Targets } from './targets.ts';
import type { Transfer, TransferRun } from './transfer.ts';
import type { Waits } from './waits.ts';

/** Parts of one file on their way at a time. */
const PARALLEL = 3;
/** Failures of a part in a row, while the server itself answers, after which the file counts as failed. */
const FAILURES = 8;
/** Milliseconds without a byte after which a request counts as hanging. */
const STALL = 30_000;

type FinishedPart = UploadRecord['done'][number];

export interface PartSenderDeps {
  readonly context: Pick<Context, 'runtime' | 'connection' | 'probe'>;
  readonly transfer: Transfer;
  readonly waits: Waits;
  readonly targets: Targets;
  readonly report: (phase: UploadPhase) => void;
}

/** Which parts there are. A file that goes in one request is one part as large as itself. */
export interface PartPlan {
  readonly partSize: number;
  /** Numbers of the parts that the store has. */
  readonly done: ReadonlySet<number>;
  readonly finished: (part: FinishedPart) => void;
}

/** Brings the parts of one file to the store, three at a time, each as often as it takes. */
export class PartSender {
  readonly #deps: PartSenderDeps;
  readonly #runs = new Set<TransferRun>();
  readonly #sent = new Map<number, number>();
  #failure: Error | null = null;

  constructor(deps: PartSenderDeps) {
    this.#deps = deps;
  }

  /** Bytes of unfinished parts that are sent. */
  get flying(): number {
    return [...this.#sent.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Resolves when the store has every part. */
  async send(file: UploadFile, plan: PartPlan): Promise<void> {
    this.#failure = null;
    const count = Math.ceil(file.size / plan.partSize);
    const rest = Array.from({ length: count }, (_, index) => index + 1);
    const todo = rest.filter((number) => !plan.done.has(number));
    const work = async () => {
      for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
        plan.finished(await this.#part(file, plan.partSize, next));
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

  /** Ends the requests that are on their way. */
  abort(): void {
    for (const run of this.#runs) run.abort();
  }

  async #part(file: UploadFile, partSize: number, partNumber: number): Promise<FinishedPart> {
    const { context, waits, targets, report } = this.#deps;
    for (let failures = 0; ;) {
      const target = await targets.of(partNumber);
      this.#checkpoint();
      const etag = await this.#put(file, { target, partSize, partNumber });
      if (etag !== null) return { partNumber, etag };
      this.#sent.delete(partNumber);
      this.#checkpoint();
      report('sending');
      failures += 1;
      if (failures >= FAILURES) throw new AppError('unavailable', 'The store does not answer');
      await waits.for(backoff(failures, context.runtime.platform.random));
      if (context.connection.isOnline) continue;
      await waits.online(() => report('waiting'));
      failures = 0;
      report('sending');
    }
  }

  /** The store's name for the part; `null` when it did not take it. */
  async #put(
    file: UploadFile,
    { target, partSize, partNumber }: { target: Target; partSize: number; partNumber: number },
  ): Promise<string | null> {
    const from = (partNumber - 1) * partSize;
    const to = Math.min(file.size, from + partSize);
    const run = this.#start(file, { target, from, to, partNumber });
    try {
      const { status, etag } = await run.done;
      // 412: an earlier request of ours got there, and its answer was lost.
      if ((status >= 200 && status < 300) || status === 412) return etag;
      this.#deps.targets.drop(partNumber);
    } catch {
      this.#deps.context.probe();
    } finally {
      this.#runs.delete(run);
    }
    return null;
  }

  #start(
    file: UploadFile,
    part: { target: Target; from: number; to: number; partNumber: number },
  ): TransferRun {
    const { context, transfer, report } = this.#deps;
    const { target, from, to, partNumber } = part;
    const hang = () => run.abort();
    const stallMs = transfer.stallMs ?? STALL;
    let cancel = context.runtime.delay(stallMs, hang);
    const progress = (sentBytes: number) => {
      cancel();
      cancel = context.runtime.delay(stallMs, hang);
      this.#sent.set(partNumber, Math.min(sentBytes, to - from));
      report('sending');
    };
    const { url, headers } = target;
    const begun = transfer.put({ url, headers, file, from, to, progress });
    const run: TransferRun = { ...begun, done: begun.done.finally(() => cancel()) };
    this.#runs.add(run);
    return run;
  }

  #checkpoint(): void {
    this.#deps.waits.check();
    if (this.#failure !== null) throw this.#failure;
  }
}
