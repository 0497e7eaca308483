import type { Transact, Transaction } from '@parley/backend-common';
import type { BlockReader, ProfileReader } from '@parley/backend-common/domain';
import { AppError, LIMITS, toAppError, type Now } from '@parley/common';
import type { OperationInput, OperationOutput } from '@parley/common/contract';

import type { PartnerEventSender } from '../status/partner-event-sender.ts';
import type { UnsentEvents } from '../status/repository.ts';
import type { AllowedAttempt, AttemptSource, LinkAttemptLimiter } from './link-attempt-limiter.ts';
import type { LinkCodeRepository } from './link-code-repository.ts';
import { createLinkCode, readLinkCode, showLinkCode, type LinkCodeHasher } from './link-code.ts';
import type { Partnerships } from './partnerships.ts';
import type { PartnershipRepository } from './repository.ts';

interface LinkServiceDeps {
  readonly transact: Transact;
  readonly codes: LinkCodeRepository;
  readonly repository: Pick<PartnershipRepository, 'findOf'>;
  readonly partnerships: Partnerships;
  readonly blocks: Pick<BlockReader, 'among'>;
  readonly attempts: LinkAttemptLimiter;
  readonly sender: Pick<PartnerEventSender, 'send'>;
  readonly profiles: Pick<ProfileReader, 'find'>;
  readonly hasher: LinkCodeHasher;
  /** A random whole number from 0 to below its argument. */
  readonly random: (below: number) => number;
  readonly now: Now;
  /** Counts the result of each confirmation. */
  readonly onConfirmed: (result: 'linked' | 'wrong' | 'already_linked' | 'failed') => void;
}

/** Creates link codes, and links the users who confirm them. */
export class LinkService {
  readonly #deps: LinkServiceDeps;

  constructor(deps: LinkServiceDeps) {
    this.#deps = deps;
  }

  /** A code that is valid once, for 10 minutes. It replaces the user's earlier code. @throws AppError `already_linked` */
  async createCode(userId: string): Promise<OperationOutput<'link:create'>> {
    const { codes, hasher, now, random } = this.#deps;
    await this.#requireUnlinked(userId);
    const expiresAt = now() + LIMITS.linkCode;
    for (;;) {
      const code = createLinkCode(random);
      const isFree = await codes.replace(userId, hasher.hash(code), expiresAt);
      if (isFree) return { linkCode: showLinkCode(code), expiresAt };
    }
  }

  /**
   * Links a user with the creator of the code.
   * @throws AppError `link_code_invalid` (wrong, used, expired, the user's own, or the creator cannot be linked with),
   * `already_linked`, `rate_limited` (too many wrong codes)
   */
  async confirm(
    { linkCode }: OperationInput<'link:confirm'>,
    source: AttemptSource,
  ): Promise<void> {
    const { attempts, onConfirmed, sender } = this.#deps;
    await this.#requireUnlinked(source.userId);
    const attempt = await attempts.attempt(source);
    try {
      sender.send(await this.#link(readLinkCode(linkCode), source.userId));
      onConfirmed('linked');
    } catch (error) {
      const { code } = toAppError(error);
      onConfirmed(RESULTS.get(code) ?? 'failed');
      if (code !== 'link_code_invalid') await withdraw(attempt);
      throw error;
    }
    await withdraw(attempt);
  }

  async #link(code: string | undefined, userId: string): Promise<readonly UnsentEvents[]> {
    if (code === undefined) throw invalidCode();
    const { codes, hasher, now, partnerships, transact } = this.#deps;
    const hashes = hasher.hash(code);
    return transact(async (transaction) => {
      const ownerId = await codes.ownerOf(hashes, now(), transaction);
      if (ownerId === null || !(await this.#mayLink(ownerId, userId, transaction)))
        throw invalidCode();
      await codes.remove([ownerId, userId], transaction);
      return partnerships.begin([ownerId, userId], transaction);
    });
  }

  /** If the two may not be linked, the answer is the same as for a wrong code, so that it reveals nothing. */
  async #mayLink(ownerId: string, userId: string, transaction: Transaction): Promise<boolean> {
    if (ownerId === userId) return false;
    const owner = await this.#deps.profiles.find(ownerId);
    if (owner === undefined || owner.profile.deleted) return false;
    return (await this.#deps.blocks.among(userId, [ownerId], transaction)).length === 0;
  }

  async #requireUnlinked(userId: string): Promise<void> {
    if ((await this.#deps.repository.findOf([userId])) === null) return;
    throw new AppError('already_linked', 'You have a partner already');
  }
}

const RESULTS = new Map([
  ['link_code_invalid', 'wrong'],
  ['already_linked', 'already_linked'],
] as const) as ReadonlyMap<string, 'wrong' | 'already_linked'>;

function invalidCode(): AppError {
  return new AppError('link_code_invalid');
}

/** If this fails, the attempt counts as one more wrong code, which is harmless. */
async function withdraw(attempt: AllowedAttempt): Promise<void> {
  await attempt.withdraw().catch(() => undefined);
}
