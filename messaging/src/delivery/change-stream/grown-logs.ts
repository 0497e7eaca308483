import type { ReportFault } from '../../faults.ts';
import { SLICES } from '../slices.ts';
import { BATCH, type LogPosition, type PositionStream } from './position-stream-repository.ts';

interface GrownLogsDeps {
  readonly open: () => Promise<Pick<PositionStream, 'next' | 'close'>>;
  /** Gets the positions that were read, some of them more than once. Must not throw. */
  readonly found: (positions: readonly LogPosition[]) => void;
  readonly reportFault: ReportFault;
}

/** From this many deliveries on, it costs less to read which logs have grown than to read the tail of each log. */
const MANY = 1_000;
/** The stream is closed below this number, so that it is not opened again and again around {@link MANY}. */
const FEW = MANY / 2;

/**
 * Reads from a change stream which logs of all conversations have grown, while this node has many deliveries. Entries
 * that were stored before the stream was opened, for the first time or after a fault, must be found by reading tails.
 */
export class GrownLogs {
  readonly #deps: GrownLogsDeps;
  #stream: Pick<PositionStream, 'next' | 'close'> | undefined;
  /** Successive sweeps since the stream was opened. Each of them has read the next part of the tails. */
  #swept = 0;
  /** Calls of {@link read} until the stream is opened again after a fault. */
  #pause = 0;

  constructor(deps: GrownLogsDeps) {
    this.#deps = deps;
  }

  /** Whether a stream is open. */
  get isOpen(): boolean {
    return this.#stream !== undefined;
  }

  /**
   * Passes on which logs have grown until about now. Returns whether that is complete: all tails were read since the
   * stream was opened, so no older entry is missing.
   */
  async read(deliveries: number): Promise<boolean> {
    if (deliveries < (this.#stream === undefined ? MANY : FEW)) {
      await this.close();
      return false;
    }
    if (this.#pause > 0) {
      this.#pause -= 1;
      return false;
    }
    try {
      await this.#readAll();
    } catch (error) {
      this.#deps.reportFault('change_stream_failed', error);
      this.#pause = SLICES;
      // MongoDB may not answer for a while.
      void this.close();
      return false;
    }
    return this.#swept >= SLICES;
  }

  /** Records whether the sweep after {@link read} has read the next part of the tails. */
  swept(isRead: boolean): void {
    this.#swept = isRead && this.isOpen ? this.#swept + 1 : 0;
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#swept = 0;
    // If MongoDB cannot be reached, it removes the cursor by itself.
    await stream?.close().catch(() => undefined);
  }

  /** Reads until a batch is not full. An empty batch may never come, because entries are stored all the time. */
  async #readAll(): Promise<void> {
    this.#stream ??= await this.#deps.open();
    for (;;) {
      const positions = await this.#stream.next();
      this.#deps.found(positions);
      if (positions.length < BATCH) return;
    }
  }
}
