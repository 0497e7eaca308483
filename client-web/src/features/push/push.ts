import type { Readable } from '@parley/client-common';
import type { DevicePart } from '@parley/client-common/device';
import type { WebPush } from '@parley/common/contract';

/** The push state of this browser. */
export type PushState =
  /** Not enabled by the user. */
  | 'off'
  | 'working'
  /** Push messages arrive even while no page is open. */
  | 'on'
  /** Not supported by the server or the browser; pages show notifications while they are open. */
  | 'absent'
  | 'failed';

/** A browser that is registered with Firebase. */
export interface PushConnection {
  readonly token: string;
}

export interface PushDeps {
  readonly device: Pick<DevicePart, 'setToken'>;
  /** Returns the server's Firebase settings for browsers; `undefined` if the server has no push. */
  readonly config: () => Promise<WebPush | undefined>;
  /** Registers this browser with Firebase, loaded on demand; `null` if the browser does not support it. */
  readonly connect: (config: WebPush) => Promise<PushConnection | null>;
  /** Unregisters this browser from Firebase. */
  readonly disconnect: () => Promise<void>;
}

/** Enables and disables push messages in this browser. */
export class Push implements Readable<PushState> {
  readonly #deps: PushDeps;
  readonly #listeners = new Set<() => void>();
  #state: PushState = 'off';
  #request = 0;

  constructor(deps: PushDeps) {
    this.#deps = deps;
  }

  readonly get = (): PushState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Registers with Firebase and the server. Called at each start because tokens change. Never rejects. */
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

  /** Unregisters locally and at the server. Never rejects: the next push finds a leftover token invalid. */
  async disable(): Promise<void> {
    this.#begin('off');
    await Promise.allSettled([this.#deps.device.setToken(null), this.#deps.disconnect()]);
  }

  /** The session ends and its device with it, so only the browser is unregistered. Never rejects. */
  async leave(): Promise<void> {
    this.#begin('off');
    await this.#deps.disconnect().catch(() => undefined);
  }

  /** Records a new request; returns a function that tells whether it is still the latest one. */
  #begin(state: PushState): () => boolean {
    this.#request += 1;
    const request = this.#request;
    this.#set(state);
    return () => request === this.#request;
  }

  #set(state: PushState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
