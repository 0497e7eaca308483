import assert from 'node:assert/strict';
import { AppError, RATE_LIMITS } from '@parley/common';
import { TokenBuckets } from '@parley/backend-common';
import { recordingLogger } from '@parley/backend-common/testing';
import { MongoNetworkError } from 'mongodb';

import { OWNER, toyDispatcher } from './support/toy-service.ts';

const CONTEXT = { address: '192.0.2.1', requestId: 'request-1', caller: OWNER };
const STRANGER = { address: '192.0.2.1', requestId: 'request-1' };

describe('a dispatcher', () => {
  it('calls the handler with the checked input and answers its output', async () => {
    const { dispatcher, seen } = toyDispatcher();
    const output = await dispatcher.run('toy:list', {}, CONTEXT);
    assert.deepEqual(output, { limit: 5 });
    assert.deepEqual(seen, [{ name: 'toy:list', input: { limit: 5 } }]);
  });

  for (const name of ['no:such', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
    it(`does not know an operation called ${JSON.stringify(name)}`, async () => {
      const { dispatcher } = toyDispatcher();
      await assert.rejects(dispatcher.run(name, {}, CONTEXT), { code: 'unknown_operation' });
    });
  }

  it('refuses calls without a session before it checks the input, unless the operation is public', async () => {
    const { dispatcher, seen } = toyDispatcher();
    const call = dispatcher.run('toy:change', { nonsense: true }, STRANGER);
    await assert.rejects(call, { code: 'unauthenticated' });
    assert.deepEqual(seen, []);
  });

  it('serves calls without a session if the operation is public', async () => {
    const { dispatcher } = toyDispatcher();
    assert.deepEqual(await dispatcher.run('toy:make', {}, STRANGER), STRANGER);
  });

  it('calls what is under /admin for administrators only, before it looks at the input', async () => {
    const forbidden = new AppError('forbidden', 'Only administrators may do this');
    const nobody = { require: () => Promise.reject(forbidden) };
    for (const options of [{}, { administrators: nobody }]) {
      const { dispatcher, seen } = toyDispatcher(options);
      for (const input of [{ user: 'ben' }, { nonsense: true }, null]) {
        await assert.rejects(dispatcher.run('toy:govern', input, CONTEXT), { code: 'forbidden' });
      }
      const call = dispatcher.run('toy:govern', { user: 'ben' }, STRANGER);
      await assert.rejects(call, { code: 'unauthenticated' });
      assert.deepEqual(seen, []);
    }
    const administrators = { require: () => Promise.resolve() };
    const { dispatcher } = toyDispatcher({ administrators });
    const answer = await dispatcher.run('toy:govern', { user: 'ben' }, CONTEXT);
    assert.deepEqual(answer, { user: 'ben' });
    const invalid = dispatcher.run('toy:govern', { nonsense: true }, CONTEXT);
    await assert.rejects(invalid, { code: 'invalid_input' });
  });

  it('logs every refusal of what is for administrators, with whom it was about', async () => {
    const { lines, logger } = recordingLogger();
    const { dispatcher } = toyDispatcher({ logger });
    const calls = [{ user: 'ben' }, { user: 'a secret that was typed' }, { user: { $ne: 1 } }];
    for (const input of calls) {
      await assert.rejects(dispatcher.run('toy:govern', input, CONTEXT), { code: 'forbidden' });
    }
    const logged = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event !== undefined);
    const shown = logged.map(({ event, target, userId }) => [event, target, userId]);
    assert.deepEqual(shown, [
      ['forbidden', { user: 'ben' }, 'owner'],
      ['forbidden', {}, 'owner'],
      ['forbidden', {}, 'owner'],
    ]);
  });

  it('names the invalid fields of the input', async () => {
    const { dispatcher } = toyDispatcher();
    await assert.rejects(
      dispatcher.run('toy:change', { id: 'a', size: 'large', extra: 1 }, CONTEXT),
      (error: AppError) => {
        assert.equal(error.code, 'invalid_input');
        assert.deepEqual(error.issues?.map(({ path }) => path).sort(), ['', 'size']);
        return true;
      },
    );
  });

  it('quotes the names of unknown fields shortened, and without half a character', async () => {
    const { dispatcher } = toyDispatcher();
    for (const name of ['\ud83d', `${'x'.repeat(198)}👩‍👩‍👧‍👦`, 'y'.repeat(100_000), 'a\udc00b']) {
      const call = dispatcher.run('toy:change', { id: 'a', [name]: 1 }, CONTEXT);
      await assert.rejects(call, (error: AppError) => {
        const answer = JSON.stringify(error.toBody());
        assert.equal(error.code, 'invalid_input');
        assert.doesNotMatch(answer, /\\ud[89a-f]/u);
        assert.ok(answer.length < 500, answer);
        return true;
      });
    }
  });

  it('counts names that do not exist as reads of the caller', async () => {
    const { dispatcher } = toyDispatcher({ buckets: new TokenBuckets(() => 0) });
    for (let call = 0; call < RATE_LIMITS.read.burst; call += 1) {
      await assert.rejects(dispatcher.run('no:such', {}, CONTEXT), { code: 'unknown_operation' });
    }
    await assert.rejects(dispatcher.run('no:such', {}, CONTEXT), { code: 'rate_limited' });
  });

  it('counts each call against the caller’s limit, also with invalid input, and says how long to wait', async () => {
    const { dispatcher } = toyDispatcher({ buckets: new TokenBuckets(() => 0) });
    const { burst } = RATE_LIMITS.create;
    for (let call = 0; call < burst; call += 1) {
      await assert.rejects(dispatcher.run('toy:change', {}, CONTEXT), { code: 'invalid_input' });
    }
    await assert.rejects(dispatcher.run('toy:change', { id: 'a' }, CONTEXT), {
      code: 'rate_limited',
      retryAfterMs: 1_000,
    });
    const other = { ...CONTEXT, caller: { userId: 'other', sessionId: 'other' } };
    await dispatcher.run('toy:change', { id: 'a' }, other);
  });

  it('makes a failure to reach MongoDB unavailable and keeps the cause', async () => {
    const failure = new MongoNetworkError('the secret address refused');
    const { dispatcher } = toyDispatcher({ failure });
    await assert.rejects(dispatcher.run('toy:crash', {}, STRANGER), (error: AppError) => {
      assert.equal(error.code, 'unavailable');
      assert.equal(error.retryable, true);
      assert.doesNotMatch(error.message, /secret/);
      assert.equal(error.cause, failure);
      return true;
    });
  });

  it('makes an unexpected failure internal and keeps the cause', async () => {
    const { dispatcher } = toyDispatcher();
    await assert.rejects(dispatcher.run('toy:crash', {}, STRANGER), (error: AppError) => {
      assert.equal(error.code, 'internal');
      assert.doesNotMatch(error.message, /secret/);
      assert.match((error.cause as Error).message, /secret/);
      return true;
    });
  });

  it('refuses operations beyond the number that may be in progress, and takes them again later', async () => {
    const { dispatcher } = toyDispatcher({ mostInProgress: 2 });
    const running = [1, 2].map(() => dispatcher.run('toy:make', {}, STRANGER));
    await assert.rejects(dispatcher.run('toy:make', {}, STRANGER), { code: 'unavailable' });
    await Promise.all(running);
    await assert.rejects(dispatcher.run('toy:crash', {}, STRANGER), { code: 'internal' });
    for (let count = 0; count < 3; count += 1) await dispatcher.run('toy:make', {}, STRANGER);
  });

  it('checks outputs against the contract if configured to', async () => {
    const { dispatcher } = toyDispatcher({ checkOutput: true });
    await assert.rejects(dispatcher.run('toy:whisper', {}, CONTEXT), { code: 'internal' });
  });

  it('counts errors by code and measures each call', async () => {
    const { dispatcher, metrics } = toyDispatcher();
    await assert.rejects(dispatcher.run('toy:crash', {}, STRANGER));
    await dispatcher.run('toy:make', {}, STRANGER);
    const text = await metrics.registry.metrics();
    assert.match(
      text,
      /parley_operation_errors_total\{operation="toy:crash",code="internal",service="toy"\} 1/,
    );
    assert.match(
      text,
      /parley_operation_duration_seconds_count\{service="toy",operation="toy:make"\} 1/,
    );
  });
});
