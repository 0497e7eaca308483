import type {
  BlockedPair,
  BlockPolicy,
  ProfileReader,
  Transact,
  Transaction,
} from '@parley/backend-common';
import { AppError, LIMITS, type Now } from '@parley/common';
import type { Block } from '@parley/common/contract';

import type { SocketEvents } from '../conversations/ports.ts';
import type { NewsTeller } from '../partners/news-teller.ts';
import type { Partnerships } from '../partners/partnerships.ts';
import type { StatusRepository, Untold } from '../status/repository.ts';
import type { BlockRepository } from './repository.ts';

interface BlockServiceDeps {
  readonly transact: Transact;
  readonly blocks: BlockRepository;
  readonly statuses: Pick<StatusRepository, 'touch'>;
  readonly partnerships: Pick<Partnerships, 'endBetween'>;
  readonly policy: Pick<BlockPolicy, 'changed'>;
  /** Between the nodes. */
  readonly hints: { publish(pair: BlockedPair): void };
  readonly teller: Pick<NewsTeller, 'tell'>;
  readonly events: Pick<SocketEvents, 'toUser'>;
  readonly profiles: Pick<ProfileReader, 'find'>;
  readonly now: Now;
}

interface Change {
  readonly userId: string;
  readonly blockedId: string;
  readonly blocked: boolean;
}

/** Begins and ends blocks. What a block means is asked of the {@link BlockPolicy}. */
export class BlockService {
  readonly #deps: BlockServiceDeps;

  constructor(deps: BlockServiceDeps) {
    this.#deps = deps;
  }

  /** The people somebody blocks, the latest first. */
  list(userId: string): Promise<Block[]> {
    return this.#deps.blocks.list(userId);
  }

  /**
   * Blocks somebody, and ends what links the two; whoever is blocked already stays so.
   * @throws AppError `invalid_input` for oneself, `not_found` for whoever never existed, `limit_reached` above 1,000
   */
  async add(userId: string, blockedId: string): Promise<void> {
    const { profiles, teller, transact } = this.#deps;
    if (userId === blockedId) {
      const issues = [{ path: 'userId', message: 'Must be somebody else' }];
      throw new AppError('invalid_input', 'Nobody blocks oneself', { issues });
    }
    if ((await profiles.find(blockedId)) === undefined) {
      throw new AppError('not_found', 'There is no such person');
    }
    const untold = await transact((transaction) => this.#add(userId, blockedId, transaction));
    this.#tell({ userId, blockedId, blocked: true });
    teller.tell(untold);
  }

  /** Ends a block; of whoever is not blocked nothing changes. */
  async remove(userId: string, blockedId: string): Promise<void> {
    await this.#deps.blocks.remove(userId, blockedId);
    this.#tell({ userId, blockedId, blocked: false });
  }

  async #add(userId: string, blockedId: string, transaction: Transaction): Promise<Untold[]> {
    const { blocks, now, partnerships, statuses } = this.#deps;
    // What links the two, or is counted here, at the same time meets these documents and begins anew.
    await statuses.touch([userId, blockedId], transaction);
    if (await blocks.has(userId, blockedId, transaction)) return [];
    if ((await blocks.count(userId, transaction)) >= LIMITS.blocksPerUser) {
      throw new AppError('limit_reached', `A person blocks at most ${LIMITS.blocksPerUser}`);
    }
    await blocks.add({ userId, blockedId, blockedAt: now() }, transaction);
    return partnerships.endBetween([userId, blockedId], transaction);
  }

  /** Tells the nodes, and the own devices. */
  #tell({ blocked, blockedId, userId }: Change): void {
    const { events, hints, policy } = this.#deps;
    const pair: BlockedPair = [userId, blockedId];
    policy.changed(pair);
    hints.publish(pair);
    events.toUser(userId, 'block', { userId: blockedId, blocked });
  }
}
