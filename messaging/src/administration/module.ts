import type { DevicesModule } from '../devices/module.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import type { ProfilesModule } from '../profiles/module.ts';
import type { ProjectionModule } from '../projection/module.ts';
import type { PushModule } from '../push/module.ts';
import type { Sockets } from '../transport/sockets.ts';
import { InspectionRepository } from './inspection-repository.ts';
import { InspectionService } from './service.ts';

interface AdministrationModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'db'>;
  readonly sockets: Pick<Sockets, 'registry'>;
  readonly log: Pick<LogModule, 'log'>;
  readonly projection: Pick<ProjectionModule, 'conversations'>;
  readonly devices: Pick<DevicesModule, 'devices'>;
  readonly push: Pick<PushModule, 'outbox'>;
  readonly profiles: Pick<ProfilesModule, 'profiles'>;
}

type AdministrationOperation =
  'admin:conversation' | 'admin:conversation-members' | 'admin:push' | 'admin:stats';

/** What administrators see of this service. */
export function createAdministrationModule(
  deps: AdministrationModuleDeps,
): Module<AdministrationOperation> {
  const service = new InspectionService({
    conversations: deps.projection.conversations,
    log: deps.log.log,
    devices: deps.devices.devices,
    outbox: deps.push.outbox,
    profiles: deps.profiles.profiles,
    inspection: new InspectionRepository(deps.infrastructure.db),
    sockets: deps.sockets.registry,
  });
  return {
    name: 'administration',
    handlers: {
      'admin:conversation': ({ conversationId }) => service.conversation(conversationId),
      'admin:conversation-members': ({ conversationId }) => service.members(conversationId),
      'admin:push': ({ user }) => service.push(user),
      'admin:stats': () => service.stats(),
    },
  };
}
