import type { ReportFault } from '../../faults.ts';
import { SLICES } from '../slices.ts';
import { BATCH, type LogPosition, type PositionStream } from './position-stream-repository.ts';

interface GrownLogsDeps {
  readonly open: () => Promise<Pick<PositionStream, 'next' | 'close'>>;
  /** Gets what was read, more than once at times. Must not throw. */
  readonly found: (positions: readonly LogPosition[]) => void;
  readonly reportFault: ReportFault;
}

/** From so many deliveries on, it costs less to read which logs have grown than to ask for the end of each. */
const MANY = 1_000;
/** The stream is closed below this number, so that it is not opened again and again around {@link MANY}. */
const FEW = MANY / 2;

/**
 * Reads which logs have grown, of all conversations, while this node has many deliveries. What was stored before the
 * stream was opened, also after a fault, must be found by reading the ends of logs.
 */
export class GrownLogs {
  readonly #deps: GrownLogsDeps;
  #stream: Pick<PositionStream, 'next' | 'close'> | undefined;
  /** How often in a row a part of the ends was read since the stream was opened. */
  #swept = 0;
  /** Readings until it is opened again after a fault. */
  #pause = 0;

  constructor(deps: GrownLogsDeps) {
    this.#deps = deps;
  }

  /** Whether a stream is open. */
  get isOpen(): boolean {
    return this.#stream !== undefined;
  }

  /**
   * Passes on which logs have grown until about now. Returns whether that is complete: nothing was stored before
   * the stream that has not been found by reading the ends of logs.
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

  /** Records that the next part of the ends of logs was read after the stream, or that this failed. */
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

  /** Ends with a batch that is not full: while entries are stored all the time, none would ever be empty. */
  async #readAll(): Promise<void> {
    this.#stream ??= await this.#deps.open();
    for (;;) {
      const positions = await this.#stream.next();
      this.#deps.found(positions);
      if (positions.length < BATCH) return;
    }
  }
}
