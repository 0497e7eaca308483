import type { ReportFault } from '../faults.ts';
import type { OutboxRepository } from './outbox/outbox-repository.ts';
import { keyOf, type Read } from './outbox/push-document.ts';

interface ReadReceiptRecorderDeps {
  readonly outbox: Pick<OutboxRepository, 'recordRead'>;
  /** Called when notifications are to be removed from other devices. */
  readonly onScheduled: () => void;
  readonly reportFault: ReportFault;
}

/** Milliseconds for which read receipts are collected. */
const COLLECT = 500;
const MAX_COLLECTED = 20_000;

/**
 * Finds out for read receipts whether other devices of the user show a notification, which is then removed. Receipts
 * are collected, so that one query serves many.
 */
export class ReadReceiptRecorder {
  readonly #deps: ReadReceiptRecorderDeps;
  #reads = new Map<string, Read>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ReadReceiptRecorderDeps) {
    this.#deps = deps;
  }

  record(read: Read): void {
    const key = keyOf(read.userId, read.conversationId);
    // Beyond the limit receipts are dropped: a notification then stays until the app is opened on that device.
    if (this.#reads.size >= MAX_COLLECTED && !this.#reads.has(key)) return;
    this.#reads.set(key, read);
    this.#timer ??= setTimeout(() => void this.flush(), COLLECT).unref();
  }

  /** Handles everything recorded so far. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const reads = [...this.#reads.values()];
    this.#reads = new Map();
    if (reads.length === 0) return;
    try {
      if ((await this.#deps.outbox.recordRead(reads)) > 0) this.#deps.onScheduled();
    } catch (error) {
      this.#deps.reportFault('read_notice_failed', error);
    }
  }
}
