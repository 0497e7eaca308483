import {
  BlockPolicy,
  BlockReader,
  BlockWatch,
  type BlockedPair,
} from '@parley/backend-common/domain';

import { clusterChannel, noClusterChannel } from '../transport/cluster/cluster-channel.ts';
import type { Ground } from './ground.ts';
import type { Reach } from './nodes.ts';

/** What says who has nothing to do with whom, and tells the other nodes when that changes. */
export interface Blocking {
  readonly policy: BlockPolicy;
  readonly hints: { publish(pair: BlockedPair): void };
}

/** Puts together the policy on blocks, which all features ask. */
export function createBlocking(ground: Ground, reach: Reach): Blocking {
  const { io, redis } = reach;
  const { logger, mongo, now, onFault, resources } = ground;
  const reader = new BlockReader(mongo.db);
  const policy = new BlockPolicy({ reader });
  const watch = new BlockWatch({ reader, policy, now, logger });
  watch.start();
  resources.defer('watch of blocks', () => watch.stop());
  reach.onReturn(() => void watch.look());
  const hints =
    redis === undefined
      ? noClusterChannel
      : clusterChannel(io, 'block:changed', (error) =>
          onFault('A change of a block could not be read', error),
        );
  hints.subscribe((pair) => policy.changed(pair));
  return { policy, hints };
}
