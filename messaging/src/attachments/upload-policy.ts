import { refusalOf } from '@parley/backend-common/domain';

import type { DirectBlocks } from '../blocks/direct-blocks.ts';
import type { Access } from '../conversations/access.ts';

interface UploadPolicyDeps {
  readonly access: Pick<Access, 'require'>;
  readonly blocks: Pick<DirectBlocks, 'barrier'>;
}

/** Decides who may upload into a conversation: every member who may write there. */
export class UploadPolicy {
  readonly #deps: UploadPolicyDeps;

  constructor(deps: UploadPolicyDeps) {
    this.#deps = deps;
  }

  /** @throws AppError `not_found`, `blocked`, `recipient_unavailable` */
  async requireUpload(conversationId: string, userId: string): Promise<void> {
    const { access, blocks } = this.#deps;
    await access.require(conversationId, userId);
    const barrier = await blocks.barrier(conversationId, userId);
    if (barrier !== null) throw refusalOf(barrier);
  }
}
