import type { BlockReader, ProfileReader, Transact, Transaction } from '@parley/backend-common';
import { AppError, LIMITS, toAppError, type Now } from '@parley/common';
import type { OperationInput, OperationOutput } from '@parley/common/contract';

import type { Untold } from '../status/repository.ts';
import type { Attempt, Guesser, GuessLimits } from './guess-limits.ts';
import type { LinkCodeRepository } from './link-code-repository.ts';
import { createLinkCode, hashLinkCode, readLinkCode, showLinkCode } from './link-code.ts';
import type { NewsTeller } from './news-teller.ts';
import type { Partnerships } from './partnerships.ts';
import type { PartnershipRepository } from './repository.ts';

interface LinkServiceDeps {
  readonly transact: Transact;
  readonly codes: LinkCodeRepository;
  readonly repository: Pick<PartnershipRepository, 'findOf'>;
  readonly partnerships: Partnerships;
  readonly blocks: Pick<BlockReader, 'among'>;
  readonly guesses: GuessLimits;
  readonly teller: Pick<NewsTeller, 'tell'>;
  readonly profiles: Pick<ProfileReader, 'find'>;
  readonly key: Uint8Array;
  /** A whole number below the one given. */
  readonly random: (below: number) => number;
  readonly now: Now;
  /** How a try to confirm a code ended. */
  readonly onConfirmed: (result: 'linked' | 'wrong' | 'already_linked' | 'failed') => void;
}

/** Gives codes, and links whoever confirms one. */
export class LinkService {
  readonly #deps: LinkServiceDeps;

  constructor(deps: LinkServiceDeps) {
    this.#deps = deps;
  }

  /** A code that is good once, for 10 minutes; an earlier one ends. @throws AppError `already_linked` */
  async createCode(userId: string): Promise<OperationOutput<'link:create'>> {
    const { codes, key, now, random } = this.#deps;
    await this.#requireUnlinked(userId);
    const expiresAt = now() + LIMITS.linkCode;
    for (;;) {
      const code = createLinkCode(random);
      const isFree = await codes.replace(userId, hashLinkCode(code, key), expiresAt);
      if (isFree) return { linkCode: showLinkCode(code), expiresAt };
    }
  }

  /**
   * Links a person with whoever gave the code.
   * @throws AppError `link_code_invalid` (wrong, used, too late, the own one, or of somebody who cannot be linked
   * with), `already_linked`, `rate_limited` (too many wrong ones)
   */
  async confirm({ linkCode }: OperationInput<'link:confirm'>, guesser: Guesser): Promise<void> {
    const { guesses, onConfirmed, teller } = this.#deps;
    await this.#requireUnlinked(guesser.userId);
    const attempt = await guesses.attempt(guesser);
    try {
      teller.tell(await this.#link(readLinkCode(linkCode), guesser.userId));
      onConfirmed('linked');
    } catch (error) {
      const { code } = toAppError(error);
      onConfirmed(RESULTS.get(code) ?? 'failed');
      if (code !== 'link_code_invalid') await withdrawn(attempt);
      throw error;
    }
    await withdrawn(attempt);
  }

  async #link(code: string | undefined, userId: string): Promise<readonly Untold[]> {
    if (code === undefined) throw invalid();
    const { codes, key, now, partnerships, transact } = this.#deps;
    const hash = hashLinkCode(code, key);
    return transact(async (transaction) => {
      const ownerId = await codes.ownerOf(hash, now(), transaction);
      if (ownerId === null || !(await this.#mayLink(ownerId, userId, transaction))) throw invalid();
      await codes.remove([ownerId, userId], transaction);
      return partnerships.begin([ownerId, userId], transaction);
    });
  }

  /** Whoever cannot be linked with looks like a wrong code. */
  async #mayLink(ownerId: string, userId: string, transaction: Transaction): Promise<boolean> {
    if (ownerId === userId) return false;
    const owner = await this.#deps.profiles.find(ownerId);
    if (owner === undefined || owner.profile.deleted) return false;
    return (await this.#deps.blocks.among(userId, [ownerId], transaction)).length === 0;
  }

  async #requireUnlinked(userId: string): Promise<void> {
    if ((await this.#deps.repository.findOf([userId])) === null) return;
    throw new AppError('already_linked', 'You have a partner');
  }
}

const RESULTS = new Map([
  ['link_code_invalid', 'wrong'],
  ['already_linked', 'already_linked'],
] as const) as ReadonlyMap<string, 'wrong' | 'already_linked'>;

function invalid(): AppError {
  return new AppError('link_code_invalid');
}

/** What cannot be taken back only counts as one wrong guess more. */
async function withdrawn(attempt: Attempt): Promise<void> {
  await attempt.withdraw().catch(() => undefined);
}
