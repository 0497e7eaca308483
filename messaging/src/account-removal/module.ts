import { PendingRemovalReader } from '@parley/backend-common/domain';

import type { AttachmentsModule } from '../attachments/module.ts';
import type { BlocksModule } from '../blocks/module.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import type { PartnersModule } from '../partners/module.ts';
import type { ProfilesModule } from '../profiles/module.ts';
import type { ProjectionModule } from '../projection/module.ts';
import { foregroundKey, presenceKey } from '../transport/rooms/names.ts';
import { AuthClient } from '../transport/sessions/auth-client.ts';
import type { Sockets } from '../transport/sockets.ts';
import { LeftoverRepository } from './leftover-repository.ts';
import { MembershipSteps } from './membership-steps.ts';
import { RemovalQueueRepository } from './queue-repository.ts';
import { AccountRemover, type RemovalOverrides, type RemovalStep } from './remover.ts';

export interface AccountRemovalModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    | 'config'
    | 'databaseTime'
    | 'db'
    | 'metrics'
    | 'now'
    | 'periodicMetrics'
    | 'queueMetrics'
    | 'reportFault'
  >;
  readonly sockets: Pick<Sockets, 'cluster' | 'tokens'>;
  readonly log: Pick<LogModule, 'log'>;
  readonly projection: Pick<ProjectionModule, 'conversations' | 'members' | 'purger'>;
  readonly profiles: Pick<ProfilesModule, 'profiles'>;
  readonly attachments: Pick<AttachmentsModule, 'removeUnsent'>;
  readonly partners: Pick<PartnersModule, 'partners'>;
  readonly blocking: Pick<BlocksModule, 'blocks'>;
  readonly overrides: RemovalOverrides;
}

/** Removes what belongs to deleted accounts. */
export function createAccountRemovalModule(deps: AccountRemovalModuleDeps): Module {
  const { config, databaseTime, db, metrics, now, periodicMetrics, queueMetrics, reportFault } =
    deps.infrastructure;
  const { authUrl } = config;
  const auth =
    authUrl === undefined
      ? undefined
      : new AuthClient({ url: authUrl, tokens: deps.sockets.tokens });
  const removed = metrics.counter(
    'parley_accounts_removed_total',
    'Deleted accounts of which everything was removed',
  );
  const remover = new AccountRemover({
    pending: new PendingRemovalReader(db),
    queue: new RemovalQueueRepository(db, { time: databaseTime, metrics: queueMetrics }),
    steps: createSteps(deps),
    async confirm(userId) {
      if (auth === undefined) throw new Error('PARLEY_AUTH_URL is not set');
      await auth.accountRemoved(userId);
    },
    onRemoved: () => removed.inc(),
    overrides: deps.overrides,
    ...{ periodicMetrics, now, reportFault },
  });
  return {
    name: 'account removal',
    handlers: {},
    start: () => remover.start(),
    stop: () => remover.stop(),
  };
}

function createSteps(deps: AccountRemovalModuleDeps): RemovalStep[] {
  const { redis } = deps.sockets.cluster;
  const leftovers = new LeftoverRepository(deps.infrastructure.db);
  const memberships = new MembershipSteps({
    ...deps.projection,
    log: deps.log.log,
    blocks: deps.blocking.blocks,
    profiles: deps.profiles.profiles,
  });
  return [
    { name: 'devices', run: ({ userId }) => leftovers.removeDevices(userId) },
    { name: 'link', run: ({ userId }) => deps.partners.partners.endAny(userId) },
    { name: 'files', run: ({ userId }) => deps.attachments.removeUnsent(userId) },
    { name: 'groups', run: (removal) => memberships.leaveGroups(removal) },
    { name: 'direct', run: (removal) => memberships.closeDirectConversations(removal) },
    { name: 'abandoned', run: (removal) => memberships.purgeAbandoned(removal) },
    { name: 'cursors', run: ({ userId }) => leftovers.removeCursors(userId) },
    { name: 'status', run: ({ userId }) => leftovers.removeStatus(userId) },
    { name: 'counts', run: ({ userId }) => leftovers.removeCounts(userId) },
    {
      name: 'presence',
      async run({ userId }) {
        await redis?.del(presenceKey(userId), foregroundKey(userId));
      },
    },
  ];
}
