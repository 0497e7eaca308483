import type { OperationOutput } from '@parley/common/contract';

import type { Client } from '../client.ts';
import type { Readable } from '../core/readable.ts';

/** What blocks use of a client. */
export type BlocksClient = Pick<Client, 'connection' | 'now' | 'onEvent' | 'request'>;

/** A blocked user, and when the block began. */
export type Block = OperationOutput<'block:list'>['blocks'][number];

/** The users that this one has blocked. */
export interface BlockList {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly blocks: readonly Block[];
}

/** The blocks of a user. */
export interface BlocksPart {
  /** Subscribing asks for them, again after every `ready`. */
  readonly list: Readable<BlockList>;
  readonly reload: () => Promise<void>;
  /** Shown at once, taken back if refused. */
  readonly block: (userId: string) => Promise<void>;
  /** Shown at once, taken back if refused. */
  readonly unblock: (userId: string) => Promise<void>;
}
