import assert from 'node:assert/strict';
import { readArguments, refuseSwallowedArguments } from '../src/arguments.ts';
import { UsageError } from '../src/launch-error.ts';

describe('the arguments of npm start', () => {
  it('are a number of nodes, a number of members of MongoDB, or a call for help', () => {
    const none = { help: false, nodes: undefined, mongo: undefined };
    assert.deepEqual(readArguments([]), none);
    assert.deepEqual(readArguments(['--nodes', '3']), { ...none, nodes: 3 });
    assert.deepEqual(readArguments(['--mongo', '3']), { ...none, mongo: 3 });
    assert.deepEqual(readArguments(['--nodes=2', '--mongo=5', '--help']), {
      ...{ help: true, nodes: 2, mongo: 5 },
    });
  });

  for (const [args, message] of [
    [['--node', '3'], /^Unknown option --node\. Did you mean --nodes\? The options are .*--help/],
    [['--halp'], /^Unknown option --halp\. Did you mean --help\? The options are/],
    [
      ['--frobnicate'],
      /^Unknown option --frobnicate\. The options are --nodes <n>, --mongo <n> and --help\.$/,
    ],
    [['-n', '3'], /^Unknown option -n\. The options are/],
    [['3'], /^Unknown argument 3\. .* npm start -- --nodes 3$/],
    [['--nodes'], /^--nodes has to be a number from 1 to 32: npm start -- --nodes 3$/],
    [['--nodes='], /^--nodes has to be a number from 1 to 32: npm start -- --nodes 3$/],
    [['--nodes', '33'], /^--nodes has to be a number from 1 to 32, and 33 is none: /],
    [['--nodes', '-1'], /^--nodes has to be a number from 1 to 32, and -1 is none: /],
    [['--mongos', '3'], /^Unknown option --mongos\. Did you mean --mongo\? The options are/],
    [['--mongo'], /^--mongo has to be 1, 3 or 5, so that .*: npm start -- --nodes 3 --mongo 3$/],
    [['--mongo', '2'], /^--mongo has to be 1, 3 or 5, not 2, so that a majority survives/],
    [['--mongo', '3.0'], /^--mongo has to be 1, 3 or 5, not 3\.0, so that/],
    [['--nodes', '1.5'], /^--nodes has to be a number from 1 to 32, and 1\.5 is none: /],
  ] as const) {
    it(`are refused with a hint when they are ${args.join(' ')}`, () => {
      assert.throws(
        () => readArguments(args),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it('are refused if npm did not pass them on', () => {
    assert.throws(
      () => refuseSwallowedArguments({ npm_config_nodes: '3' }),
      new UsageError('npm kept --nodes for itself. Put -- before it: npm start -- --nodes 3'),
    );
    assert.throws(
      () => refuseSwallowedArguments({ npm_config_mongo: '3' }),
      /^UsageError: npm kept --mongo for itself\. Put -- before it: /,
    );
    refuseSwallowedArguments({ npm_config_cache: '/tmp' });
  });
});
