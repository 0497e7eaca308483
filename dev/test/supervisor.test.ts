import assert from 'node:assert/strict';
import { type Exit } from '../src/processes/child.ts';
import { type PartPlan, type RunningPart } from '../src/parts/part.ts';
import { type StackPart } from '../src/stack-file.ts';
import { Supervisor } from '../src/parts/supervisor.ts';

/** A part whose process crashes when the test decides. */
class FakePart implements RunningPart {
  readonly url = 'http://127.0.0.1:4711';
  readonly exited: Promise<Exit>;
  readonly pid: number;
  stopped = false;
  #end: (exit: Exit) => void = () => undefined;

  constructor(pid: number) {
    this.pid = pid;
    this.exited = new Promise((resolve) => (this.#end = resolve));
  }

  die(): void {
    this.#end({ code: null, signal: 'SIGKILL' });
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.#end({ code: 0, signal: null });
    return Promise.resolve();
  }
}

function planOf(outcomes: (FakePart | Error)[], seen: (RunningPart | undefined)[] = []): PartPlan {
  return {
    name: 'messaging-1',
    kind: 'messaging',
    start: (before) => {
      seen.push(before);
      const outcome = outcomes.shift()!;
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
  };
}

/** Starts a supervisor; `restart` settles with the next part that was started again. */
async function supervise(plan: PartPlan) {
  const lines: string[] = [];
  let tell: (part: StackPart) => void = () => undefined;
  const restart = new Promise<StackPart>((resolve) => (tell = resolve));
  const events = { onRestart: (part: StackPart) => tell(part), say: (l: string) => lines.push(l) };
  return { supervisor: await Supervisor.start(plan, events), lines, restart };
}

describe('the supervisor of a part', () => {
  it('restarts a part that died at the same address', async () => {
    const [first, second] = [new FakePart(1), new FakePart(2)];
    const seen: (RunningPart | undefined)[] = [];
    const { supervisor, lines, restart } = await supervise(planOf([first, second], seen));
    first.die();
    assert.equal((await restart).pid, 2);
    assert.equal(supervisor.part.pid, 2);
    assert.deepEqual(seen, [undefined, first]);
    assert.deepEqual(lines, ['messaging-1 ended (SIGKILL) and is started again']);
    await supervisor.stop();
  });

  it('keeps trying if the part does not start', async () => {
    const [first, second] = [new FakePart(1), new FakePart(2)];
    const plan = planOf([first, new Error('port taken'), new Error('port taken'), second]);
    const { supervisor, lines, restart } = await supervise(plan);
    first.die();
    assert.equal((await restart).pid, 2);
    assert.deepEqual(lines.slice(1), ['port taken', 'port taken']);
    await supervisor.stop();
  });

  it('does not restart a part that it was asked to stop', async () => {
    const first = new FakePart(1);
    const { supervisor, lines } = await supervise(planOf([first]));
    await supervisor.stop();
    assert.equal(first.stopped, true);
    assert.deepEqual(lines, []);
  });

  it('stops a part that is being restarted', async () => {
    const [first, second] = [new FakePart(1), new FakePart(2)];
    let arrive: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const restarting = new Promise<void>((resolve) => (begun = resolve));
    const late = new Promise<FakePart>((resolve) => (arrive = () => resolve(second)));
    const starts = [() => Promise.resolve(first), () => (begun(), late)];
    const plan = { name: 'web', kind: 'web' as const, start: () => starts.shift()!() };
    const { supervisor } = await supervise(plan);
    first.die();
    await restarting;
    const stopped = supervisor.stop();
    arrive();
    await stopped;
    assert.equal(second.stopped, true);
  });

  it('reports that the first start failed', async () => {
    await assert.rejects(supervise(planOf([new Error('no such file')])), /no such file/);
  });
});
