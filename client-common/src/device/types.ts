import type { Device, Platform as DeviceKind } from '@parley/common/contract';

import type { Client } from '../client.ts';
import type { Platform } from '../core/platform.ts';
import type { Readable } from '../core/readable.ts';

/** What a device uses of a client. */
export type DeviceClient = Pick<Client, 'connection' | 'onEvent' | 'request' | 'self'>;

/** Hand in the platform of the client. */
export interface DeviceOptions {
  /** Default: always in the foreground. */
  readonly platform?: Partial<Pick<Platform, 'isVisible' | 'onVisibilityChange'>>;
}

/** Where pushes go: Firebase's token of this app on this device. */
export interface PushToken {
  readonly token: string;
  readonly platform: DeviceKind;
}

/** This device: whether the app is in the foreground, and where pushes go. */
export interface DevicePart {
  /** Reports after every `ready` and each change whether the app is in the foreground. Returns how to stop. */
  readonly start: () => () => void;
  /**
   * Registers for pushes; `null` ends that. What fails without a connection is repeated with the next one.
   * A device ends with its session.
   */
  readonly setToken: (token: PushToken | null) => Promise<void>;
  /** The device as the server has it; `null` if it has none or this is not known. */
  readonly registered: Readable<Device | null>;
}
