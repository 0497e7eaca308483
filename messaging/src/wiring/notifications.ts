import type { Conversations } from '../conversations.ts';
import { DeviceRepository } from '../devices/repository.ts';
import { DeviceService } from '../devices/service.ts';
import { DeviceSweeper } from '../devices/sweeper.ts';
import { DeliveryReporter } from '../notifications/delivery-reporter.ts';
import type { Ground } from './ground.ts';
import type { Sessions } from './sessions.ts';

/** Puts together what reaches people who are not connected. */
export function createNotifications(
  ground: Ground,
  parts: Pick<Conversations, 'access' | 'entries' | 'members' | 'newId' | 'profiles'> &
    Pick<Sessions, 'closer' | 'reader'>,
): { readonly devices: DeviceService; readonly deliveries: DeliveryReporter } {
  const { mongo, resources } = ground;
  const devices = new DeviceRepository(mongo.db);
  const service = new DeviceService({ ...ground, ...parts, devices });
  parts.closer.onEnded((sessionIds) => void service.end(sessionIds));
  const sweeper = new DeviceSweeper({
    ...{ ...ground, devices },
    sessions: parts.reader,
    random: Math.random,
  });
  sweeper.start();
  resources.defer('devices', () => sweeper.stop());
  return { devices: service, deliveries: new DeliveryReporter({ ...ground, ...parts, devices }) };
}
