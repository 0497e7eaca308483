import { Samples } from '../statistics.ts';

/** Counts events and latencies while it is open; ignores what happens before and after. */
export class Meter {
  ackLatencies = new Samples();
  readonly deliveryLatencies = new Samples();
  /** From sending to the last receiver. */
  readonly completionLatencies = new Samples();
  acks = 0;
  deliveries = 0;
  #open = false;

  open(): void {
    this.#open = true;
  }

  close(): void {
    this.#open = false;
  }

  /** Returns the latencies of acknowledgements since the last call, and clears them. */
  takeAcks(): Samples {
    const taken = this.ackLatencies;
    this.ackLatencies = new Samples();
    return taken;
  }

  acknowledged(milliseconds: number): void {
    if (!this.#open) return;
    this.acks += 1;
    this.ackLatencies.add(milliseconds);
  }

  delivered(milliseconds: number): void {
    if (!this.#open) return;
    this.deliveries += 1;
    this.deliveryLatencies.add(milliseconds);
  }

  completed(milliseconds: number): void {
    if (this.#open) this.completionLatencies.add(milliseconds);
  }
}
