import { Signal } from './signal.ts';

/** Who this client is; known from the first connection on, or from the cache. */
export interface Self {
  readonly userId: string;
  /** `null` until the first connection of this process. */
  readonly sessionId: string | null;
  /** Whether the server takes files; `true` until it says otherwise. */
  readonly attachments: boolean;
}

/** Holds who this client is. */
export class SelfState {
  readonly readable = new Signal<Self | null>(() => this.#self);
  #self: Self | null = null;

  /** The own user id; '' while it is unknown. */
  get id(): string {
    return this.#self?.userId ?? '';
  }

  set(self: Self | null): void {
    this.#self = self;
    this.readable.invalidate();
  }
}
