import { AppError } from '@parley/common';
import type { OperationInput, OperationOutput } from '@parley/common/contract';

import type { MemberRepository } from '../conversations/member-repository.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { SocketPlace } from '../delivery/room-sync.ts';
import { HeadChanges, type HeadChangesDeps } from './head-changes.ts';
import { HeadReader, type HeadReaderDeps } from './head-reader.ts';

interface SyncServiceDeps extends HeadReaderDeps, HeadChangesDeps {
  readonly members: Pick<MemberRepository, 'findOwn' | 'pageOf'>;
  readonly delivery: Pick<
    Delivery,
    'admit' | 'deliveries' | 'headsSocket' | 'joined' | 'userRooms'
  >;
  /** Counts answers, by what they contain. */
  readonly answers: { inc(labels: { readonly heads: 'all' | 'changed' }): void };
}

/** The caller, and the socket it uses; `undefined` over HTTP. */
interface Requester {
  readonly userId: string;
  readonly socketId: string | undefined;
}

type Input = OperationInput<'sync'>;
type Output = OperationOutput<'sync'>;

/** Reads the heads of the conversations of a user, which clients compare with their own. */
export class SyncService {
  readonly #deps: SyncServiceDeps;
  readonly #heads: HeadReader;
  readonly #changes: HeadChanges;

  constructor(deps: SyncServiceDeps) {
    this.#deps = deps;
    this.#heads = new HeadReader(deps);
    this.#changes = new HeadChanges(deps, this.#heads);
  }

  /**
   * The heads that have changed since an earlier comparison, or a page of all heads, by conversation id. It waits until
   * the socket is in its rooms before it reads, so that the socket gets every entry that is committed afterwards.
   * @throws AppError `unavailable` (retryable) while the database does not respond
   */
  async heads(input: Input, { socketId, userId }: Requester): Promise<Output> {
    const place = socketId === undefined ? undefined : { socketId, userId };
    try {
      if (place === undefined) return await this.#page(input, { userId });
      await this.#deps.delivery.joined(place.socketId);
      if (input.after !== undefined) return await this.#page(input, place);
      return await this.#compare(input, place);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError('unavailable', 'The conversations cannot be compared now', { cause });
    }
  }

  /** What has changed if that can be told, otherwise the first page of all heads. */
  async #compare(input: Input, place: SocketPlace): Promise<Output> {
    const { answers } = this.#deps;
    const { limit, since } = input;
    const begun = this.#changes.begin(place);
    if (begun !== undefined && since !== undefined) {
      const changed = await this.#changes.since(since, begun, { limit, place });
      if (changed !== undefined) {
        const { heads, syncToken, ...changes } = changed;
        answers.inc({ heads: 'changed' });
        return { heads, hasMore: false, syncToken, changes };
      }
    }
    answers.inc({ heads: 'all' });
    if (begun === undefined) return this.#page(input, place);
    const at = await this.#changes.time();
    const page = await this.#page(input, place);
    return { ...page, syncToken: this.#changes.tokenOf(place, begun, at) };
  }

  async #page(
    { after, limit }: Input,
    { socketId, userId }: { readonly socketId?: string; readonly userId: string },
  ): Promise<Output> {
    const { delivery, members } = this.#deps;
    const found = await members.pageOf(userId, { after, limit: limit + 1 });
    const page = found.slice(0, limit);
    if (socketId !== undefined) {
      const ids = page.map(({ conversationId }) => conversationId);
      await delivery.admit({ socketId, userId }, ids);
    }
    const heads = await this.#heads.read(page);
    return { heads, hasMore: found.length > limit, syncToken: null, changes: null };
  }
}
