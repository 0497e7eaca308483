import type { Readable } from '@parley/client-common';
import type { DevicePart } from '@parley/client-common/device';
import type { WebPush } from '@parley/common/contract';

/** What has come of pushes to this browser. */
export type PushState =
  /** Not asked for. */
  | 'off'
  | 'working'
  /** Pushes come, also while no page is open. */
  | 'on'
  /** This server or this browser has none; pages notify while they are open. */
  | 'absent'
  | 'failed';

/** A browser that pushes come to. */
export interface PushConnection {
  readonly token: string;
}

export interface PushDeps {
  readonly device: Pick<DevicePart, 'setToken'>;
  /** How the server has the browser reach Firebase; absent where it pushes nothing. */
  readonly config: () => Promise<WebPush | undefined>;
  /** Has Firebase push to this browser; `null` where the browser cannot. Loaded when it is needed. */
  readonly connect: (config: WebPush) => Promise<PushConnection | null>;
  /** Has it push no more. */
  readonly disconnect: () => Promise<void>;
}

/** Has pushes come to this browser, or not. */
export class Push implements Readable<PushState> {
  readonly #deps: PushDeps;
  readonly #listeners = new Set<() => void>();
  #state: PushState = 'off';
  #wish = 0;

  constructor(deps: PushDeps) {
    this.#deps = deps;
  }

  readonly get = (): PushState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Registers with Firebase and with the server, at each start anew: tokens change. Never rejects. */
  async enable(): Promise<void> {
    const isWanted = this.#begin('working');
    try {
      const config = await this.#deps.config();
      const connection = config && isWanted() ? await this.#deps.connect(config) : null;
      if (connection && isWanted()) {
        await this.#deps.device.setToken({ token: connection.token, platform: 'web' });
      }
      if (isWanted()) this.#set(connection ? 'on' : 'absent');
    } catch {
      if (isWanted()) this.#set('failed');
    }
  }

  /** Ends it, here and at the server. Never rejects: a token that stays is found dead by the next push. */
  async disable(): Promise<void> {
    this.#begin('off');
    await Promise.allSettled([this.#deps.device.setToken(null), this.#deps.disconnect()]);
  }

  /** The session ends, and the device with it; only the browser has to be told. Never rejects. */
  async leave(): Promise<void> {
    this.#begin('off');
    await this.#deps.disconnect().catch(() => undefined);
  }

  /** A new wish; answers whether it is still the latest. */
  #begin(state: PushState): () => boolean {
    this.#wish += 1;
    const wish = this.#wish;
    this.#set(state);
    return () => wish === this.#wish;
  }

  #set(state: PushState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
