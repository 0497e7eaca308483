import assert from 'node:assert/strict';
import { MINUTE, SECOND } from '@parley/common';

import { auditRefusal, closeLogger, type Logger } from '@parley/backend-common';
import { manualTimers, recordingLogger } from '@parley/backend-common/testing';

import { RefusalRecords } from '../src/logging/refusal-records.ts';

/** Refusals of one address or account that have a line each, when it begins. */
const BURST = 100;
const HOURS = 120 * MINUTE;
const MESSAGE = 'A login was refused';
const event = 'login_refused';

type Line = Readonly<Record<string, unknown>>;

describe('the records of refusals', () => {
  let time: number;
  let lines: Line[];
  let timers: ReturnType<typeof manualTimers>;
  let records: RefusalRecords;
  beforeEach(() => {
    [time, lines, timers] = [0, [], manualTimers()];
    records = new RefusalRecords({
      write: (facts, message) => void lines.push({ ...facts, message }),
      ...{ monotonic: () => time, setTimer: timers.setTimer },
    });
  });

  const recorded = () => lines.filter((line) => line['event'] === event).length;
  /** Refusals that are recorded or counted. */
  const accounted = () => {
    const counts = lines.filter((line) => line['event'] === 'refusals_left_out');
    return counts.reduce((sum, { count }) => sum + Number(count), recorded());
  };

  it('have a line each of people who mistype', async () => {
    for (let at = 0; at < 50; at += 1) {
      const facts = { event, result: 'wrong', address: `10.0.0.${at}`, userId: `u${at}` };
      await records.record(facts, MESSAGE);
    }
    assert.equal(lines.length, 50);
    const [first] = lines;
    const facts = { event, result: 'wrong', address: '10.0.0.0', userId: 'u0', message: MESSAGE };
    assert.deepEqual(first, facts);
    assert.deepEqual(timers.delays, []);
  });

  it('of a flood from one address are counted, and a line a minute has the count', async () => {
    for (let at = 0; at < 5_000; at += 1) {
      await records.record({ event, address: '10.0.0.1', userId: `u${at}` }, MESSAGE);
    }
    assert.equal(lines.length, BURST);
    assert.deepEqual(timers.delays, [MINUTE]);
    timers.fire();
    assert.deepEqual(lines.at(-1), {
      ...{ event: 'refusals_left_out', refused: event, count: 4_900, address: '10.0.0.1' },
      message: 'Refusals were counted instead of recorded',
    });
    assert.deepEqual(timers.delays, []);
    await records.record({ event, address: '10.0.0.2' }, MESSAGE);
    assert.equal(recorded(), BURST + 1);
  });

  it('of one account from a thousand addresses are bounded too', async () => {
    for (let at = 0; at < 1_000; at += 1) {
      const address = `10.0.${at % 200}.${Math.floor(at / 200)}`;
      await records.record({ event, address, userId: 'ann' }, MESSAGE);
    }
    assert.equal(lines.length, BURST);
    records.flush();
    assert.equal(accounted(), 1_000);
    // Not a line for each address.
    assert.ok(lines.length <= BURST + 21);
  });

  it('count the addresses of one IPv6 subscriber as one', async () => {
    for (let at = 0; at < 500; at += 1) {
      await records.record({ event, address: `2001:db8::${at.toString(16)}` }, MESSAGE);
    }
    assert.equal(lines.length, BURST);
  });

  it('are a line a second at most, from ten thousand addresses and of as many accounts', async () => {
    const refused = 20_000;
    for (let at = 0; at < refused; at += 1) {
      time = (at * HOURS) / refused;
      while (timers.delays.length > 0 && at % 200 === 0) timers.fire();
      const address = `10.${at % 10}.${at % 40}.${at % 250}`;
      await records.record({ event, address, userId: `u${at % 10_000}` }, MESSAGE);
    }
    records.flush();
    assert.ok(recorded() <= HOURS / SECOND + 1_000, `${recorded()} lines`);
    assert.ok(lines.length - recorded() <= (21 * HOURS) / MINUTE);
    assert.equal(accounted(), refused);
  });

  it('of other events are left out by the same bounds, and counted apart', async () => {
    const address = '10.0.0.1';
    for (let at = 0; at < BURST; at += 1) await records.record({ event, address }, MESSAGE);
    for (const other of ['forbidden', 'password_change_refused', 'forbidden']) {
      await records.record({ event: other, address }, MESSAGE);
    }
    records.flush();
    const counts = lines.slice(BURST).map(({ count, refused }) => [refused, count]);
    assert.deepEqual(counts, [
      ['forbidden', 2],
      ['password_change_refused', 1],
    ]);
  });

  it('look up the account only of those that are recorded', async () => {
    let lookUps = 0;
    const userId = () => Promise.resolve(`u${(lookUps += 1)}`);
    for (let at = 0; at < 500; at += 1) {
      await records.record({ event, address: '10.0.0.1', userId }, MESSAGE);
    }
    assert.equal(lookUps, BURST);
    assert.equal(lines[0]?.['userId'], 'u1');
  });
});

describe('the audit log', () => {
  const eventsOf = (lines: readonly string[]) =>
    lines.map((line) => (JSON.parse(line) as Line)['event']);

  it('says how many refusals were left out before it is closed, each logger for itself', async () => {
    const [one, other] = [recordingLogger(), recordingLogger()];
    const flood = async (logger: Logger, count: number) => {
      for (let at = 0; at < count; at += 1)
        await auditRefusal(logger, { event, address: '10.0.0.1' }, MESSAGE);
    };
    await flood(one.logger, BURST + 5);
    await flood(other.logger, BURST);
    await Promise.all([closeLogger(one.logger), closeLogger(other.logger)]);
    assert.deepEqual(eventsOf(one.lines).slice(BURST), ['refusals_left_out']);
    assert.equal((JSON.parse(one.lines.at(-1) ?? '') as Line)['count'], 5);
    assert.equal(eventsOf(other.lines).length, BURST);
  });
});
