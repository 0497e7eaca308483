import type { PlainSession } from '../delivery/plain-session.ts';
import type { ReportFault } from '../faults.ts';
import type { CursorRepository } from './cursor-repository.ts';
import { LatestWriter } from './latest-writer.ts';
import { PendingWrites } from './pending-writes.ts';
import type { DeliveredMark } from './ports.ts';

interface CursorWriterDeps {
  readonly cursors: Pick<CursorRepository, 'advance'>;
  readonly reportFault: ReportFault;
}

/** The cursor is written after this many acknowledged pages. After a crash, pages may be sent again; clients ignore them by `seq`. */
const PAGES_A_WRITE = 4;

/** Writes how far sessions have acknowledged the pages of their replays. */
export class CursorWriter {
  readonly #deps: CursorWriterDeps;
  readonly #writes = new PendingWrites();
  /** The writers of replays in progress, and the sessions that they belong to. */
  readonly #open = new Map<LatestWriter, string>();
  readonly #listeners: ((mark: DeliveredMark) => Promise<unknown>)[] = [];

  constructor(deps: CursorWriterDeps) {
    this.#deps = deps;
  }

  /** Calls `listener` when a client has acknowledged pages. The write of the cursor waits for it. */
  onDelivered(listener: (mark: DeliveredMark) => Promise<unknown>): void {
    this.#listeners.push(listener);
  }

  /** Runs the replay of one conversation, which puts each acknowledged `seq` into `acknowledged`. */
  async during(
    { socket }: PlainSession,
    conversationId: string,
    replay: (acknowledged: Pick<LatestWriter, 'put'>) => Promise<void>,
  ): Promise<void> {
    const { sessionId, userId } = socket.data.caller;
    const writer = new LatestWriter(PAGES_A_WRITE, (deliveredSeq) =>
      this.#write(sessionId, { conversationId, userId, deliveredSeq }),
    );
    this.#open.set(writer, sessionId);
    try {
      await replay(writer);
    } finally {
      this.#open.delete(writer);
      // The next replay begins while this is written.
      this.#writes.add(sessionId, writer.finish());
    }
  }

  /** Resolves when what a session has acknowledged in earlier replays is written. */
  settled(sessionId: string): Promise<void> {
    return this.#writes.settled(sessionId);
  }

  /** Writes everything that was acknowledged, and waits for all writes in progress. */
  async stop(): Promise<void> {
    for (const [writer, sessionId] of this.#open) this.#writes.add(sessionId, writer.finish());
    await this.#writes.allSettled();
  }

  async #write(sessionId: string, mark: DeliveredMark): Promise<void> {
    const { cursors, reportFault } = this.#deps;
    await Promise.all([
      cursors.advance(sessionId, mark.conversationId, mark.deliveredSeq),
      ...this.#listeners.map((listener) => listener(mark)),
    ]).catch((error: unknown) => reportFault('cursor_write_failed', error));
  }
}
