import assert from 'node:assert/strict';
import { AppError, ERRORS, type ErrorCode } from '@parley/common';

import { codeOf, errorText } from '../src/ui/error-text.ts';

/** Codes that no screen of this app can produce yet. */
const UNMET = new Set<ErrorCode>([
  'unknown_operation',
  'method_not_allowed',
  'already_linked',
  'upload_incomplete',
  'link_code_invalid',
  'unsupported_media_type',
  'upload_mismatch',
]);

describe('error texts', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    if (UNMET.has(code)) continue;
    it(`describe ${code}`, () => {
      const text = errorText(new AppError(code, 'technical detail'));
      assert.match(text, /^[A-Z].*\.$/u);
      assert.doesNotMatch(text, /technical detail|_/u);
      if (code !== 'internal') assert.notEqual(text, errorText(new AppError('internal')));
    });
  }

  it('read the code of any error that has one, and use `internal` otherwise', () => {
    assert.equal(codeOf({ code: 'forbidden' }), 'forbidden');
    assert.equal(codeOf({ code: 'toString' }), 'internal');
    assert.equal(codeOf(new TypeError('x')), 'internal');
    assert.equal(codeOf(null), 'internal');
  });
});
