import type { ReportFault } from '../faults.ts';
import { keyOf, type OutboxRepository, type Read } from './outbox/outbox-repository.ts';

interface ReadNoterDeps {
  readonly outbox: Pick<OutboxRepository, 'noteRead'>;
  /** Called when other devices are to be told. */
  readonly onScheduled: () => void;
  readonly reportFault: ReportFault;
}

/** Milliseconds for which readings are gathered. */
const GATHER = 500;
const MOST = 20_000;

/** Looks, for what was read on one device, whether others were pushed about it. One query serves many readings. */
export class ReadNoter {
  readonly #deps: ReadNoterDeps;
  #reads = new Map<string, Read>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ReadNoterDeps) {
    this.#deps = deps;
  }

  note(read: Read): void {
    const key = keyOf(read.userId, read.conversationId);
    // What is too much is passed over: a notification stays on a device until somebody opens the app there.
    if (this.#reads.size >= MOST && !this.#reads.has(key)) return;
    this.#reads.set(key, read);
    this.#timer ??= setTimeout(() => void this.flush(), GATHER).unref();
  }

  /** Looks for everything noted so far. Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const reads = [...this.#reads.values()];
    this.#reads = new Map();
    if (reads.length === 0) return;
    try {
      if ((await this.#deps.outbox.noteRead(reads)) > 0) this.#deps.onScheduled();
    } catch (error) {
      this.#deps.reportFault('read_notice_failed', error);
    }
  }
}
