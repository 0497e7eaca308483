import assert from 'node:assert/strict';

import { ATTACKS } from '../src/abuse/job.ts';
import { usersOfExpiry, FIGURES, nodesOf, usersFor, TARGETS } from '../src/job.ts';
import { readOptions, UsageError } from '../src/options.ts';
import { coresIn, pinned } from '../src/processes/cores.ts';
import { withDatabase } from '../src/processes/store.ts';
import { FORM_NAMES } from '../src/store-forms/forms.ts';

describe('options', () => {
  it('measures all figures in three rounds by default', () => {
    const options = readOptions([]);
    assert.deepEqual(options.figures, FIGURES);
    assert.deepEqual(options.targets, TARGETS);
    assert.equal(options.rounds, 3);
    assert.equal(options.scale.missed, 10_000);
    assert.equal(options.check, false);
  });

  it('accepts figures in upper and lower case', () => {
    assert.deepEqual(readOptions(['--figures', 'a,HOT']).figures, ['A', 'hot']);
  });

  it('uses a smaller scale with --quick, which can be combined with --rounds', () => {
    const options = readOptions(['--quick', '--rounds', '2']);
    assert.equal(options.rounds, 2);
    assert.ok(options.scale.storm < readOptions([]).scale.storm);
  });

  it('measures attacks only on request, all or some', () => {
    assert.equal(readOptions([]).abuse, undefined);
    assert.deepEqual(readOptions(['--abuse']).abuse, ATTACKS);
    assert.deepEqual(readOptions(['--abuse', '--attacks', 'typing']).abuse, ['typing']);
  });

  it('measures the costs of single operations only on request', () => {
    assert.equal(readOptions([]).costs, false);
    assert.equal(readOptions(['--costs', '--quick']).costs, true);
  });

  it('compares forms of a stored message only on request, all or some, in one round', () => {
    assert.equal(readOptions([]).storeForms, undefined);
    const all = readOptions(['--store-forms']);
    assert.deepEqual(all.storeForms, FORM_NAMES);
    assert.deepEqual([all.rounds, all.messages], [1, 1_000_000]);
    const some = readOptions(['--store-forms', '--forms', 'today,zstd', '--messages', '5']);
    assert.deepEqual(some.storeForms, ['today', 'zstd']);
    assert.equal(some.messages, 5);
  });

  for (const args of [
    ['--figures', 'Z'],
    ['--store-forms', '--forms', 'papyrus'],
    ['--store-forms', '--messages', '-1'],
    ['--abuse', '--attacks', 'kindness'],
    ['--targets', 'nobody'],
    ['--rounds', '0'],
    ['--seconds', 'x'],
    ['--unknown'],
    ['stray'],
  ]) {
    it(`refuses ${args.join(' ')}`, () => {
      assert.throws(() => readOptions(args), UsageError);
    });
  }

  it('has enough users for every figure', () => {
    const { scale } = readOptions([]);
    assert.equal(usersFor('B', scale), 400);
    assert.equal(usersFor('nodes', scale), 400);
    assert.equal(usersFor('hot3', scale), nodesOf('hot3'));
    assert.equal(usersFor('C', scale), 501);
    assert.ok(usersFor('D', scale) > 5_000);
    assert.ok(usersFor('F', scale) > 2 * scale.away);
    const users = Array.from({ length: usersFor('H', scale) }, (_, index) => ({
      ...{ id: `${index}`, token: '' },
    }));
    const { expiring, watching } = usersOfExpiry(users, scale);
    assert.deepEqual([watching.length, expiring.length], [scale.watched, scale.expiring]);
    assert.equal(watching[0]?.id, '400');
  });
});

describe('cores', () => {
  it('are read from the output of taskset', () => {
    assert.deepEqual(coresIn("pid 12's current affinity list: 0-2,5"), [0, 1, 2, 5]);
    assert.deepEqual(coresIn("pid 12's current affinity list: 3"), [3]);
  });

  it('are used to pin a command, if there are any', () => {
    assert.deepEqual(pinned(1, ['node', 'x.ts']), ['taskset', '-c', '1', 'node', 'x.ts']);
    assert.deepEqual(pinned(undefined, ['node']), ['node']);
  });
});

describe('a database name', () => {
  for (const [uri, expected] of [
    ['mongodb://a:1/?replicaSet=rs', 'mongodb://a:1/db?replicaSet=rs'],
    ['mongodb://a:1', 'mongodb://a:1/db'],
    ['mongodb://u:p@a:1,b:2/other?w=1', 'mongodb://u:p@a:1,b:2/db?w=1'],
    ['mongodb+srv://host/', 'mongodb+srv://host/db'],
  ] as const) {
    it(`is inserted into ${uri}`, () => assert.equal(withDatabase(uri, 'db'), expected));
  }
});
