import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';

import { hostileInputs } from './support/hostile-inputs.ts';
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

/** Twice the largest text that a client can send. */
const LONG = 128 * 1024;
/** Milliseconds: linear patterns take a few, and quadratic ones at least ten thousand. */
const PATIENCE = 1_500;

/** Whether a pattern is not done with a text in time. */
function isSlow({ flags, source }: RegExp, text: string): boolean {
  try {
    runInNewContext(
      `new RegExp(source, flags).test(text)`,
      { source, flags, text },
      { timeout: PATIENCE },
    );
    return false;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return true;
    throw error;
  }
}

function patternsOf(path: string): RegExp[] {
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  const found: RegExp[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push(new RegExp(node.text.slice(1, end), node.text.slice(end + 1)));
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

  for (const [pattern, isQuadratic] of [
    [/\s*,\s*x/, true],
    [/^x: (?:[a-z]*)*=/u, true],
    [/^[a-z]+@/, false],
    [/^\p{L}+$/u, false],
  ] as const) {
    it(`${String(pattern)} ${isQuadratic ? 'is slow' : 'is fast'} with one of its hostile inputs`, function () {
      this.timeout(60_000);
      assert.equal(
        hostileInputs(pattern, LONG).some((text) => isSlow(pattern, text)),
        isQuadratic,
      );
    });
  }

  describe('take linear time, whatever a client sends', () => {
    const sources = ['auth', 'backend-common', 'common', 'messaging', 'web'].flatMap((name) =>
      files(`${name}/src/*.ts`),
    );
    let patterns: { readonly path: string; readonly pattern: RegExp }[];

    before(function () {
      // Each source is parsed.
      this.timeout(60_000);
      assert.ok(sources.length > 300);
      patterns = sources.flatMap((path) => patternsOf(path).map((pattern) => ({ path, pattern })));
    });

    it('by their form', () => {
      const slow = patterns.filter(({ pattern }) => mayBacktrack(pattern.source));
      assert.deepEqual(slow, []);
    });

    it('by texts of 128 KiB that are made for each', function () {
      this.timeout(60_000);
      const slow = patterns.filter(({ pattern }) =>
        hostileInputs(pattern, LONG).some((text) => isSlow(pattern, text)),
      );
      assert.deepEqual(slow, []);
    });
  });
});
