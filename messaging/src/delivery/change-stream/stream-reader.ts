import { backoffDelay } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { ReportFault } from '../../faults.ts';
import type { EntryDocument } from '../../log/entry-document.ts';
import type { Timers } from '../../log/timers.ts';
import type { EntryStreamRepository, StreamStart } from './entry-stream-repository.ts';

export interface StreamReaderDeps {
  readonly entries: Pick<EntryStreamRepository, 'isLost' | 'open'>;
  /** Gets every entry, those of one conversation in ascending order; some of them more than once. Must not throw. */
  readonly received: (document: EntryDocument) => void;
  /** Compares every delivery with its log. */
  readonly compareAll: () => Promise<void>;
  readonly timers: Timers;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly reportFault: ReportFault;
}

const RETRY = { first: SECOND / 4, longest: 5 * SECOND };
/** A new stream starts this many milliseconds before now, because the comparison that follows may read an older state. */
const OVERLAP = 2 * SECOND;

/**
 * Reads the change stream of entries until it is stopped. After an error it continues after the last entry. If MongoDB
 * no longer has the changes since then, it starts anew, and every delivery is compared with its log.
 */
export class StreamReader {
  readonly #deps: StreamReaderDeps;
  readonly #stopping = new AbortController();
  /** Where the next stream starts (monotonic milliseconds) while there is no token. */
  #since: number;
  #token: unknown;
  #mustCompare = false;
  #running: Promise<void> | undefined;

  /** @param since - monotonic milliseconds: entries stored from then on are read */
  constructor(deps: StreamReaderDeps, since: number) {
    this.#deps = deps;
    this.#since = since;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the last entry has been handled and the stream is closed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#read(() => (failures = 0));
      } catch (error) {
        if (isAborted(signal)) return;
        failures += 1;
        this.#failed(error);
        await this.#pause(backoffDelay(RETRY, failures, this.#deps.random));
      }
    }
  }

  async #read(onOpened: () => void): Promise<void> {
    const { compareAll, entries, received } = this.#deps;
    const { signal } = this.#stopping;
    const stream = await entries.open(this.#start());
    const close = () => void stream.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      onOpened();
      if (this.#mustCompare) await compareAll();
      this.#mustCompare = false;
      while (!signal.aborted) received(await stream.next());
    } finally {
      this.#token = stream.token ?? this.#token;
      signal.removeEventListener('abort', close);
      await stream.close();
    }
  }

  #start(): StreamStart {
    if (this.#token !== undefined) return { token: this.#token };
    return { secondsAgo: (this.#deps.monotonic() - this.#since) / SECOND };
  }

  #failed(error: unknown): void {
    const { entries, monotonic, reportFault } = this.#deps;
    if (!entries.isLost(error)) {
      reportFault('change_stream_failed', error);
      return;
    }
    reportFault('change_stream_history_lost', error);
    this.#token = undefined;
    this.#since = monotonic() - OVERLAP;
    this.#mustCompare = true;
  }

  /** Resolves after `ms` milliseconds, or when the reader is stopped. */
  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const finish = () => {
        signal.removeEventListener('abort', finish);
        resolve();
      };
      signal.addEventListener('abort', finish);
      this.#deps.timers.after(ms, finish);
    });
  }
}

/** A function, because TypeScript would assume that the flag does not change during an `await`. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
