import assert from 'node:assert/strict';
import { LIMITS } from '@parley/common';
import { checkShape } from '@parley/backend-common';

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { inner: value };
  return value;
};

describe('the shape of an input', () => {
  it('may be anything small', () => {
    for (const input of [undefined, null, 1, 'text', [], {}, { a: [1, { b: null }] }]) {
      checkShape(input);
    }
  });

  it('may have 16 levels, and no more', () => {
    checkShape(nested(LIMITS.jsonDepth));
    assert.throws(() => checkShape(nested(LIMITS.jsonDepth + 1)), { code: 'invalid_input' });
  });

  it('is refused at 20,000 levels without a stack overflow', () => {
    assert.throws(() => checkShape(nested(20_000)), { code: 'invalid_input' });
    assert.throws(() => checkShape(JSON.parse('['.repeat(20_000) + ']'.repeat(20_000))), {
      code: 'invalid_input',
    });
  });

  it('may have 1,000 keys in all, and no more', () => {
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 0]));
    checkShape(keys(LIMITS.jsonKeys));
    assert.throws(() => checkShape(keys(LIMITS.jsonKeys + 1)), { code: 'invalid_input' });
    assert.throws(() => checkShape({ a: keys(500), b: keys(500) }), { code: 'invalid_input' });
  });

  for (const name of ['__proto__', 'constructor', 'prototype']) {
    it(`must not have a key called ${name}, at any level`, () => {
      const input: unknown = JSON.parse(`{"a":[{"${name}":{"polluted":true}}]}`);
      assert.throws(() => checkShape(input), { code: 'invalid_input' });
      assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
    });
  }
});
