import assert from 'node:assert/strict';
import { AppError } from '@parley/common';

import { MembershipSteps } from '../../src/account-removal/membership-steps.ts';
import { AccountRemover, SETTLED_AFTER } from '../../src/account-removal/remover.ts';

describe('a removal of which one part fails', () => {
  const groups = ['flooded', 'quiet', 'gone', 'damaged', 'last'];
  const removal = { userId: 'ann', isSettled: true, signal: new AbortController().signal };
  const unavailable = new AppError('unavailable');

  const stepsWith = ({ kind }: { kind: 'group' | 'direct' }) => {
    const left: string[] = [];
    const reach = (id: string): Promise<void> => {
      if (id === 'gone') return Promise.reject(new AppError('not_found'));
      if (id === 'damaged') return Promise.reject(new TypeError('The log is damaged'));
      if (id === 'flooded') return Promise.reject(unavailable);
      left.push(id);
      return Promise.resolve();
    };
    const documentsOf = (ids: readonly string[]) =>
      ids.map((_id) => ({ _id, kind, founders: ['ann', 'ben'] }));
    const steps = new MembershipSteps({
      members: { conversationIdsOf: () => Promise.resolve(groups) },
      conversations: { findMany: (ids: readonly string[]) => Promise.resolve(documentsOf(ids)) },
      log: {
        append: ({ conversationId }: { conversationId: string }) => reach(conversationId),
        tails: () => Promise.resolve(new Map<string, number>()),
      },
      purger: { begin: reach },
      profiles: { find: () => Promise.resolve({ profile: { deleted: true } }) },
    } as unknown as ConstructorParameters<typeof MembershipSteps>[0]);
    return { left, steps };
  };

  it('leaves the other groups, and says what failed', async () => {
    const { left, steps } = stepsWith({ kind: 'group' });
    await assert.rejects(steps.leaveGroups(removal), unavailable);
    assert.deepEqual(left, ['quiet', 'last']);
  });

  it('purges the other direct conversations, and says what failed', async () => {
    const { left, steps } = stepsWith({ kind: 'direct' });
    await assert.rejects(steps.purgeAbandoned(removal), unavailable);
    assert.deepEqual(left, ['quiet', 'last']);
  });

  it('carries out the other parts, is not confirmed, and is repeated', async () => {
    const done: string[] = [];
    const leased = { id: 'ann', document: { since: 0 } };
    const isOver = new Promise<void>((resolve) => {
      const remover = new AccountRemover({
        pending: { deletedBetween: () => Promise.resolve([]) },
        queue: {
          add: () => Promise.resolve(),
          claim: () => Promise.resolve([leased]),
          hold: (_: unknown, work: (signal: AbortSignal) => Promise<void>) => work(removal.signal),
          remove: () => Promise.resolve(done.push('removed')),
          retry: () => Promise.resolve(done.push('repeated')),
        },
        steps: ['first', 'failing', 'last'].map((name) => ({
          name,
          run() {
            done.push(name);
            return name === 'failing' ? Promise.reject(unavailable) : Promise.resolve();
          },
        })),
        confirm: () => Promise.resolve(done.push('confirmed')),
        onRemoved: () => undefined,
        overrides: { every: 1 },
        periodicMetrics: {
          register: () => undefined,
          observe: () => void remover.stop().then(resolve),
        },
        now: () => 10 * SETTLED_AFTER,
        reportFault: (fault: string, error: unknown) => {
          assert.equal(error, unavailable);
          done.push(fault);
        },
      } as unknown as ConstructorParameters<typeof AccountRemover>[0]);
      remover.start();
    });
    await isOver;
    assert.deepEqual(done, ['first', 'failing', 'last', 'account_removal_failed', 'repeated']);
  });
});
