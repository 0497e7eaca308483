import type { Device } from '@parley/common/contract';

import type { Client } from '../client.ts';
import { memoryPlatform } from '../platform/memory.ts';
import { Signal } from '../core/signal.ts';
import type { DevicePart, PartOptions, PushToken } from './api.ts';

/** Makes what a client's device tells the server of itself. It says nothing until `start`. */
export function createDevice(client: Client, options: PartOptions = {}): DevicePart {
  const registration = new Registration(client);
  return {
    start: () => {
      const stops = [
        tellState(client, options),
        client.onEvent('ready', () => {
          registration.settle().catch(() => undefined);
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
    setToken: (token) => registration.want(token),
    registered: registration.readable,
  };
}

/** A socket that has said nothing counts as in the foreground. */
function tellState(client: Client, options: PartOptions): () => void {
  const { isVisible, onVisibilityChange } = { ...memoryPlatform(), ...options.platform };
  const tell = (visible: boolean) => {
    if (client.connection.get().status !== 'online') return;
    const state = visible ? 'foreground' : 'background';
    client.request('app:state', { state }, { attempts: 1 }).catch(() => undefined);
  };
  const stopReady = client.onEvent('ready', () => {
    if (isVisible?.() === false) tell(false);
  });
  const stopChanges = onVisibilityChange?.(tell);
  return () => {
    stopReady();
    stopChanges?.();
  };
}

/** Has the server know the token that the app wants it to know, and no other. */
class Registration {
  readonly readable: Signal<Device | null>;
  readonly #client: Client;
  #device: Device | null = null;
  /** `undefined`: the app has said nothing, and what an earlier start said stands. */
  #wanted: PushToken | null | undefined;
  /** The wish that the server has heard, and in which session. */
  #settled: string | null = null;

  constructor(client: Client) {
    this.#client = client;
    this.readable = new Signal(() => this.#device);
  }

  want(token: PushToken | null): Promise<void> {
    this.#wanted = token;
    return this.settle();
  }

  async settle(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined || this.#settled === this.#key(wanted)) return;
    const device = await this.#tell(wanted);
    // The app may have changed its mind while this was under way.
    if (wanted !== this.#wanted) return;
    this.#settled = this.#key(wanted);
    this.#device = device;
    this.readable.invalidate();
  }

  async #tell(wanted: PushToken | null): Promise<Device | null> {
    if (wanted !== null) return this.#client.request('device:register', wanted);
    await this.#client.request('device:remove', {});
    return null;
  }

  #key(wanted: PushToken | null): string {
    return `${this.#client.self.get()?.sessionId ?? ''} ${wanted?.token ?? ''}`;
  }
}
