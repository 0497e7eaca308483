import type { Socket } from 'node:net';

/** Bytes in a pipe from which on it does not read more. */
const FULL = 1024 ** 2;

/** How a pipe treats bytes at this moment. */
export interface PipeState {
  /** Nothing is passed on; what arrives is kept. */
  readonly isHeld: boolean;
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
}

interface Waiting {
  readonly chunk: Buffer;
  /** When it may be passed on (monotonic milliseconds). */
  readonly due: number;
}

/** Passes on the bytes of one direction of a connection, in order and with the faults of its state. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #state: () => PipeState;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #hasEnded = false;
  #freeAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, options: PipeOptions) {
    this.#from = from;
    this.#to = to;
    this.#state = options.state;
    from.on('data', (chunk: Buffer) => {
      const passed = options.transform(chunk);
      if (passed.length === 0) return;
      this.#waiting.push({ chunk: passed, due: performance.now() + this.#state().latencyMs });
      this.#bytes += passed.length;
      if (this.#bytes > FULL) from.pause();
      this.pump();
    });
    from.on('end', () => {
      this.#hasEnded = true;
      this.pump();
    });
    to.on('drain', () => this.pump());
  }

  /** Call it when the state has changed. */
  changed(): void {
    this.#freeAt = 0;
    this.pump();
  }

  /** Passes on what the state allows at this moment. */
  pump(): void {
    clearTimeout(this.#timer);
    const { bytesPerSecond, isHeld } = this.#state();
    if (isHeld || this.#to.destroyed) return;
    while (this.#waiting.length > 0 && !this.#to.writableNeedDrain) {
      const [first] = this.#waiting as [Waiting];
      const wait = Math.max(first.due, this.#freeAt) - performance.now();
      if (wait > 0.5) {
        this.#timer = setTimeout(() => this.pump(), wait);
        return;
      }
      this.#waiting.shift();
      this.#bytes -= first.chunk.length;
      this.#freeAt = performance.now() + (first.chunk.length / bytesPerSecond) * 1_000;
      this.#to.write(first.chunk);
    }
    if (this.#bytes < FULL && this.#from.isPaused()) this.#from.resume();
    if (this.#waiting.length === 0 && this.#hasEnded) this.#to.end();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }
}

/** How a pipe treats bytes. */
export interface PipeOptions {
  readonly state: () => PipeState;
  /** Returns what is passed on instead of a chunk. */
  readonly transform: (chunk: Buffer) => Buffer;
}
