import { ChangePoller, type ChangePollerDeps } from '../../work/change-poller.ts';
import type { BlockPolicy } from './block-policy.ts';
import type { BlockChange, BlockReader } from './block-repository.ts';

interface BlockPollerDeps extends Pick<
  ChangePollerDeps<BlockChange>,
  'now' | 'monotonic' | 'metrics' | 'logger'
> {
  readonly reader: Pick<BlockReader, 'changedSince'>;
  readonly policy: Pick<BlockPolicy, 'changed' | 'confirm'>;
}

/** Reads every 2 s which blocks have changed. While no poll succeeds, the policy believes nothing that it remembers. */
export class BlockPoller extends ChangePoller<BlockChange> {
  constructor({ policy, reader, ...deps }: BlockPollerDeps) {
    super({
      ...deps,
      name: 'poll_blocks',
      read: (since) => reader.changedSince(since),
      keyOf: ({ blockedId, changedAt, userId }) => `${userId}:${blockedId}:${changedAt}`,
      onChanges(changes) {
        for (const { blockedId, userId } of changes) policy.changed([userId, blockedId]);
      },
      onUpToDate: (began) => policy.confirm(began),
      fault: 'Changed blocks could not be read',
    });
  }
}
