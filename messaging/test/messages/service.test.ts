import assert from 'node:assert/strict';
import { AppError } from '@parley/common';

import { ArrivalOrder } from '../../src/messages/arrival-order.ts';
import { MessageService } from '../../src/messages/service.ts';
import { newId } from '../support/test-log.ts';

type Deps = ConstructorParameters<typeof MessageService>[0];

const turns = () => new Promise((resolve) => setImmediate(resolve));

/** Rejects after a few turns of the event loop. */
async function fails(code: 'unavailable' | 'not_found', afterTurns: number): Promise<never> {
  for (let turn = 0; turn < afterTurns; turn += 1) await turns();
  throw new AppError(code);
}

describe('sending while the lookups fail', () => {
  for (const [barrier, knows] of [
    [0, 2],
    [2, 0],
  ] as const) {
    it(`fails once, whichever lookup fails first (${barrier}, ${knows})`, async () => {
      const service = new MessageService({
        log: { knows: () => fails('unavailable', knows) },
        blocks: { barrier: () => fails('unavailable', barrier) },
        order: new ArrivalOrder(),
      } as unknown as Deps);
      const unhandled: unknown[] = [];
      const note = (reason: unknown) => void unhandled.push(reason);
      process.on('unhandledRejection', note);
      try {
        const input = { conversationId: newId(), clientId: 'two', after: 'one', text: 'Hello' };
        const sent = service.send(input, { userId: newId(), socketId: undefined });
        await assert.rejects(sent, { code: 'unavailable' });
        for (let turn = 0; turn < 5; turn += 1) await turns();
      } finally {
        process.off('unhandledRejection', note);
      }
      assert.deepEqual(unhandled, []);
    });
  }
});
