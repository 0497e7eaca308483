import type { SessionReader } from '@parley/backend-common';

import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import type { SessionCloser } from '../transport/sessions/session-closer.ts';
import { deviceHandlers, type DeviceOperation } from './operations.ts';
import { DeviceRepository } from './repository.ts';
import { DeviceService } from './service.ts';
import { DeviceSweeper } from './sweeper.ts';

export interface DevicesModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    'db' | 'logger' | 'newId' | 'now' | 'periodicMetrics' | 'reportFault'
  >;
  readonly sockets: {
    readonly sessions: Pick<SessionReader, 'byId'>;
    readonly closer: Pick<SessionCloser, 'onEnded'>;
  };
}

export interface DevicesModule extends Module<DeviceOperation> {
  readonly devices: DeviceRepository;
}

/** Registers the devices that receive pushes, and removes them with their sessions. */
export function createDevicesModule(deps: DevicesModuleDeps): DevicesModule {
  const { closer, sessions } = deps.sockets;
  const { db, logger, newId, now, periodicMetrics, reportFault } = deps.infrastructure;
  const devices = new DeviceRepository(db);
  const service = new DeviceService({ devices, newId, now, logger });
  const sweeper = new DeviceSweeper({ devices, sessions, periodicMetrics, now, logger });
  closer.onEnded((sessionIds) => {
    service.end(sessionIds).catch((error: unknown) => {
      reportFault('device_removal_failed', error);
    });
  });
  return {
    name: 'devices',
    handlers: deviceHandlers(service),
    devices,
    start: () => sweeper.start(),
    stop: () => sweeper.stop(),
  };
}
