import assert from 'node:assert/strict';
import ts from 'typescript';

import { files, read } from './support/repository.ts';

/** One character, class or group of a pattern. */
const ATOM = String.raw`(?:\\(?:p\{[^}]*\}|.)|\[(?:\\.|[^\]\\])*\]|\((?:\\.|[^()\\])*\)|[^\\[\](){}*+?|^$])`;
/** An atom that repeats without a bound at the start of a pattern that goes on and is not anchored. */
const LEADING_REPETITION = new RegExp(String.raw`^${ATOM}(?:[*+]|\{\d+,\})\??.`, 'su');
/** A group with a repetition inside that is itself repeated without a bound. */
const NESTED_REPETITION = /\((?:\\.|[^()\\])*(?:[*+]|\{\d+,\})(?:\\.|[^()\\])*\)(?:[*+]|\{\d+,\})/;

/** Whether a pattern may try each start of a long run again, or split a run in many ways: quadratic time or worse. */
function mayBacktrack(pattern: string): boolean {
  return LEADING_REPETITION.test(pattern) || NESTED_REPETITION.test(pattern);
}

function patternsOf(path: string): string[] {
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isRegularExpressionLiteral(node)) {
      found.push(node.text.slice(1, node.text.lastIndexOf('/')));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('regular expressions of the services', () => {
  for (const [pattern, expected] of [
    [String.raw`\s*,\s*`, true],
    [String.raw`\/+$`, true],
    ['[a-z]+@', true],
    ['^(a+)+$', true],
    [String.raw`(\d+,)*`, true],
    [String.raw`\s+`, false],
    ['^[a-z]+@', false],
    [String.raw`[-\s]`, false],
    ['^(?:[a-z]{1,3}-)+$', false],
  ] as const) {
    it(`/${pattern}/ ${expected ? 'may' : 'does not'} take quadratic time`, () => {
      assert.equal(mayBacktrack(pattern), expected);
    });
  }

  it('take linear time, whatever a client sends', function () {
    // Each source is parsed.
    this.timeout(60_000);
    const sources = ['auth', 'backend-common', 'common', 'messaging', 'web'].flatMap((name) =>
      files(`${name}/src/*.ts`),
    );
    assert.ok(sources.length > 300);
    const slow = sources.flatMap((path) =>
      patternsOf(path)
        .filter(mayBacktrack)
        .map((pattern) => `${path}: ${pattern}`),
    );
    assert.deepEqual(slow, []);
  });
});
