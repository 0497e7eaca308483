import type { Device } from '@parley/common/contract';

import { memoryPlatform } from '../platform/memory.ts';
import { Signal } from '../core/signal.ts';
import type { DeviceClient, DeviceOptions, DevicePart, PushToken } from './types.ts';

/** Makes the device of a client. It sends nothing until `start`. */
export function createDevice(client: DeviceClient, options: DeviceOptions = {}): DevicePart {
  const registration = new Registration(client);
  return {
    start: () => {
      const stops = [
        reportState(client, options),
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

/** A socket counts as in the foreground until it reports something else. */
function reportState(client: DeviceClient, options: DeviceOptions): () => void {
  const { isVisible, onVisibilityChange } = { ...memoryPlatform(), ...options.platform };
  const report = (visible: boolean) => {
    if (client.connection.get().status !== 'online') return;
    const state = visible ? 'foreground' : 'background';
    client.request('app:state', { state }, { attempts: 1 }).catch(() => undefined);
  };
  const stopReady = client.onEvent('ready', () => {
    if (isVisible?.() === false) report(false);
  });
  const stopChanges = onVisibilityChange?.(report);
  return () => {
    stopReady();
    stopChanges?.();
  };
}

/** Registers the push token that the app wants, and no other. */
class Registration {
  readonly readable: Signal<Device | null>;
  readonly #client: DeviceClient;
  #device: Device | null = null;
  /** `undefined`: the app has set none, and the registration of an earlier start stays. */
  #wanted: PushToken | null | undefined;
  /** The token that the server has, and in which session. */
  #settled: string | null = null;

  constructor(client: DeviceClient) {
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
    const device = await this.#report(wanted);
    // The app may have set another token in the meantime.
    if (wanted !== this.#wanted) return;
    this.#settled = this.#key(wanted);
    this.#device = device;
    this.readable.invalidate();
  }

  async #report(wanted: PushToken | null): Promise<Device | null> {
    if (wanted !== null) return this.#client.request('device:register', wanted);
    await this.#client.request('device:remove', {});
    return null;
  }

  #key(wanted: PushToken | null): string {
    return `${this.#client.self.get()?.sessionId ?? ''} ${wanted?.token ?? ''}`;
  }
}
