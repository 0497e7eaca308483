import { refusalOf } from '@parley/backend-common';

import type { DirectBlocks } from '../blocks/direct-blocks.ts';
import type { Access } from '../conversations/access.ts';

interface EntranceDeps {
  readonly access: Pick<Access, 'require'>;
  readonly blocks: Pick<DirectBlocks, 'barrier'>;
}

/** Says who may bring a file into a conversation: whoever may write there. */
export class Entrance {
  readonly #deps: EntranceDeps;

  constructor(deps: EntranceDeps) {
    this.#deps = deps;
  }

  /** @throws AppError `not_found`, `blocked`, `recipient_unavailable` */
  async require(conversationId: string, userId: string): Promise<void> {
    const { access, blocks } = this.#deps;
    await access.require(conversationId, userId);
    const barrier = await blocks.barrier(conversationId, userId);
    if (barrier !== null) throw refusalOf(barrier);
  }
}
