import type { ProfileReader } from '@parley/backend-common/domain';

import type { Config } from '../config.ts';
import type { Access } from '../conversations/access.ts';
import type { DeviceRepository } from '../devices/repository.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { Module } from '../module.ts';
import type { ProjectionModule } from '../projection/module.ts';
import type { PushModule } from '../push/module.ts';
import type { PushBlocks } from '../push/ports.ts';
import { DeliveryReporter } from './delivery-reporter.ts';
import { deliveryHandlers } from './operations.ts';

export interface DeliveryReportsModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'now' | 'pushSender'> & {
    readonly config: Pick<Config, 'pushAfter'>;
  };
  readonly log: { readonly entries: Pick<EntryRepository, 'findMessage'> };
  readonly projection: Pick<ProjectionModule, 'members'>;
  readonly conversations: { readonly access: Access };
  readonly push: Pick<PushModule, 'outbox'>;
  readonly devices: { readonly devices: DeviceRepository };
  readonly profiles: { readonly profiles: ProfileReader };
  readonly blocks: { readonly policy: PushBlocks };
}

/** Reports to senders how their messages were delivered. */
export function createDeliveryReportsModule(
  deps: DeliveryReportsModuleDeps,
): Module<'message:delivery'> {
  const { now, pushSender } = deps.infrastructure;
  const deliveries = new DeliveryReporter({
    access: deps.conversations.access,
    entries: deps.log.entries,
    members: deps.projection.members,
    devices: deps.devices.devices,
    profiles: deps.profiles.profiles,
    outbox: deps.push.outbox,
    blocks: deps.blocks.policy,
    isPushConfigured: pushSender.isConfigured,
    acknowledgeWithin: deps.infrastructure.config.pushAfter,
    now,
  });
  return { name: 'delivery reports', handlers: deliveryHandlers({ deliveries }) };
}
