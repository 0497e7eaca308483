import type { Transact, Transaction } from '@parley/backend-common';
import type {
  BlockedPair,
  BlockPolicy,
  BlockReader,
  ProfileReader,
} from '@parley/backend-common/domain';
import { AppError, LIMITS, type Now } from '@parley/common';
import type { Block } from '@parley/common/contract';

import type { SocketEvents } from '../conversations/ports.ts';
import type { PartnerEventSender } from '../status/partner-event-sender.ts';
import type { Partnerships } from '../partners/partnerships.ts';
import type { StatusRepository, UnsentEvents } from '../status/repository.ts';
import type { BlockRepository } from './repository.ts';

interface BlockServiceDeps {
  readonly transact: Transact;
  readonly blocks: BlockRepository;
  readonly reader: Pick<BlockReader, 'relationsOf'>;
  readonly statuses: Pick<StatusRepository, 'lock'>;
  readonly partnerships: Pick<Partnerships, 'endBetween'>;
  readonly policy: Pick<BlockPolicy, 'changed'>;
  /** Notifies the other nodes. */
  readonly cluster: { publish(pair: BlockedPair): void };
  readonly sender: Pick<PartnerEventSender, 'send'>;
  readonly events: Pick<SocketEvents, 'toUser'>;
  readonly profiles: Pick<ProfileReader, 'find'>;
  readonly now: Now;
}

interface Change {
  readonly userId: string;
  readonly blockedId: string;
  readonly blocked: boolean;
}

/** Begins and ends blocks. The {@link BlockPolicy} decides what a block forbids. */
export class BlockService {
  readonly #deps: BlockServiceDeps;

  constructor(deps: BlockServiceDeps) {
    this.#deps = deps;
  }

  /** The users whom a user blocks, the latest block first. */
  list(userId: string): Promise<Block[]> {
    return this.#deps.blocks.list(userId);
  }

  /**
   * Blocks a user, and ends the partnership of the two. Repeating it changes nothing.
   * @throws AppError `invalid_input` for the caller's own id, `not_found` if there is no such user, `limit_reached`
   * above 1,000 blocks
   */
  async add(userId: string, blockedId: string): Promise<void> {
    const { profiles, sender, transact } = this.#deps;
    if (userId === blockedId) {
      const issues = [{ path: 'userId', message: 'Must be another user' }];
      throw new AppError('invalid_input', 'You cannot block yourself', { issues });
    }
    if ((await profiles.find(blockedId)) === undefined) {
      throw new AppError('not_found', 'The user does not exist');
    }
    const unsent = await transact((transaction) => this.#add(userId, blockedId, transaction));
    this.#announce({ userId, blockedId, blocked: true });
    sender.send(unsent);
  }

  /** Ends a block, if there is one. */
  async remove(userId: string, blockedId: string): Promise<void> {
    await this.#deps.blocks.remove(userId, blockedId);
    this.#announce({ userId, blockedId, blocked: false });
  }

  /**
   * Ends every block by and of a deleted account, and has it block `others`, to whom it looks deleted from then on. A
   * repeat changes nothing.
   */
  async close(userId: string, others: readonly string[], signal: AbortSignal): Promise<void> {
    const { blocks, now, reader, transact } = this.#deps;
    const wanted = new Set(others);
    const present = new Set<string>();
    for (;;) {
      signal.throwIfAborted();
      const relations = (await reader.relationsOf([userId])).get(userId);
      if (relations === undefined) break;
      for (const blocker of relations.blockedBy) await this.remove(blocker, userId);
      for (const blocked of relations.blocking) {
        if (wanted.has(blocked)) present.add(blocked);
        else await this.remove(userId, blocked);
      }
      if (relations.isComplete) break;
    }
    for (const blockedId of wanted) {
      if (present.has(blockedId)) continue;
      signal.throwIfAborted();
      const block = { userId, blockedId, blockedAt: now() };
      await transact((transaction) => blocks.add(block, transaction));
      this.#announce({ userId, blockedId, blocked: true });
    }
  }

  async #add(userId: string, blockedId: string, transaction: Transaction): Promise<UnsentEvents[]> {
    const { blocks, now, partnerships, statuses } = this.#deps;
    // A concurrent link or block of either user conflicts here, is retried, and then sees this block.
    await statuses.lock([userId, blockedId], transaction);
    if (await blocks.has(userId, blockedId, transaction)) return [];
    if ((await blocks.count(userId, transaction)) >= LIMITS.blocksPerUser) {
      throw new AppError('limit_reached', `You can block at most ${LIMITS.blocksPerUser} users`);
    }
    await blocks.add({ userId, blockedId, blockedAt: now() }, transaction);
    return partnerships.endBetween([userId, blockedId], transaction);
  }

  /** Notifies all nodes, and the user's own devices. */
  #announce({ blocked, blockedId, userId }: Change): void {
    const { cluster, events, policy } = this.#deps;
    const pair: BlockedPair = [userId, blockedId];
    policy.changed(pair);
    cluster.publish(pair);
    events.toUser(userId, 'block', { userId: blockedId, blocked });
  }
}
