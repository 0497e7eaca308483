import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { watchProcess, type WatchedProcess } from '../src/testing/watched-process.ts';
import { ROOT } from './support/repository.ts';

/** Runs a script with the jobs of `.ci/run`. */
function ci(...lines: readonly string[]): WatchedProcess {
  const script = ['set -uo pipefail', '. .ci/jobs.sh', ...lines].join('\n');
  return watchProcess(
    spawn('bash', ['-c', script], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

/** The last line of a script, and its exit code. */
async function outcomeOf(...lines: readonly string[]): Promise<[string | undefined, number]> {
  const run = ci(...lines, 'finish');
  const { code } = await run.ended;
  return [run.output().split('\n').at(-1), code ?? -1];
}

/** A command that prints what mocha does at the end of a suite. */
const prints = (...summary: readonly string[]) =>
  `printf '%s\\n' ${summary.map((line) => `'${line}'`).join(' ')}`;
/** A suite of these lines of a shell. */
const suite = (name: string, ...lines: readonly string[]) =>
  `suite '${name}' bash -c "${lines.join('; ')}"`;

async function hasEnded(pid: number): Promise<boolean> {
  for (let looks = 0; looks < 1_000; looks += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

describe('the jobs of .ci/run', () => {
  it('add the figures of all suites up, of those beside others too', async () => {
    const begun = suite('slow', 'sleep 0.2', prints('  3 passing (9m)', '  1 pending')).replace(
      'suite',
      'begin',
    );
    const outcome = await outcomeOf(
      begun,
      suite('quick', prints('  4 passing (2ms)')),
      'end_suite slow',
    );
    assert.deepEqual(outcome, ['7 passed, 0 failed, 1 skipped', 0]);
  });

  it('count what mocha says has failed, and no figure of a message below it', async () => {
    const lines = ['  5 passing (1s)', '  2 failing', '', '  1) is a test', '  9 passing (3s)'];
    assert.deepEqual(await outcomeOf(suite('failing', prints(...lines), 'exit 2')), [
      '5 passed, 2 failed, 0 skipped',
      1,
    ]);
  });

  for (const [what, passing, ...lines] of [
    ['is killed', 3, prints('  3 passing (1s)'), 'kill -KILL \\$\\$'],
    ['is killed before it says anything', 0, 'kill -KILL \\$\\$'],
    ['prints nothing', 0, 'true'],
    ['runs no test', 0, prints('  0 passing (1ms)')],
    ['fails after the figures', 3, prints('  3 passing (1s)'), 'exit 1'],
    ['cannot be started', 0, 'no-such-command'],
  ] as const) {
    it(`count a suite as failed that ${what}`, async () => {
      const alone = await outcomeOf(suite('it', ...lines));
      assert.deepEqual(alone, [`${passing} passed, 1 failed, 0 skipped`, 1]);
      const beside = await outcomeOf(
        suite('it', ...lines).replace('suite', 'begin'),
        suite('another', prints('  2 passing (1s)')),
        'end_suite it',
      );
      assert.deepEqual(beside, [`${passing + 2} passed, 1 failed, 0 skipped`, 1]);
    });
  }

  it('count a step only when it fails, and show what it printed', async () => {
    const run = ci("step 'good' true", "step 'bad one' bash -c 'echo reason; exit 3'", 'finish');
    assert.equal((await run.ended).code, 1);
    assert.match(
      run.output(),
      /^ok {4}good \(\d+ s\)\nFAIL {2}bad one \(\d+ s\)\nreason\n0 passed, 1/,
    );
  });

  it('name the seed of a suite that has one', async () => {
    const run = ci(suite('it', prints('people (seed 42)', '  1 passing (1s)')), 'finish');
    assert.equal((await run.ended).code, 0);
    assert.match(run.output(), /^suite it: 1 passing.* seed 42\)$/m);
  });

  it('end what a suite has left behind', async () => {
    const run = ci(
      suite('it', 'sleep 600 &', 'echo pid \\$! >&2', prints('  1 passing (1s)')).replace(
        ' &;',
        ' &',
      ),
      'cat "$out/it.log"',
      'finish',
    );
    const pid = Number(/pid (\d+)/.exec(await run.line(/pid/))?.[1]);
    assert.equal((await run.ended).code, 0);
    assert.ok(await hasEnded(pid));
  });

  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`end all jobs and remove their files after ${name}`, async () => {
      const run = ci(
        'begin beside sleep 600',
        'echo "at ${pids[beside]} $out"',
        'suite it bash -c "sleep 600"',
      );
      const [, pid, folder] = /at (\d+) (.*)/.exec(await run.line(/^at/)) ?? [];
      run.process.kill(name);
      assert.notEqual((await run.ended).code, 0);
      assert.ok(await hasEnded(Number(pid)));
      const look = ci(`[ ! -e "${folder ?? ''}" ]`);
      assert.equal((await look.ended).code, 0);
    });
  }
});
