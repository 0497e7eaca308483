import assert from 'node:assert/strict';

import { watchRest } from '../src/abuse/memory.ts';

const rest = (samples: readonly number[]) => {
  let at = 0;
  return watchRest({
    ...{ before: 100, seconds: samples.length - 1 },
    read: () => Promise.resolve(samples[at++] ?? Number.NaN),
    pause: () => Promise.resolve(),
  });
};

describe('the memory of a node that rests after an attack', () => {
  for (const [what, samples, expected] of [
    ['never left it', [120, 110, 100], { after: 100, backAfter: 0 }],
    ['returns to it', [300, 200, 149, 120], { after: 120, backAfter: 2 }],
    ['returns for a moment only', [300, 120, 300, 300], { after: 300, backAfter: undefined }],
    ['returns twice', [300, 120, 300, 140], { after: 140, backAfter: 3 }],
    ['does not return', [300, 300, 300], { after: 300, backAfter: undefined }],
    ['cannot be measured', [Number.NaN, Number.NaN], { after: Number.NaN, backAfter: 0 }],
  ] as const) {
    it(`says when it is back at its idle level: it ${what}`, async () => {
      assert.deepEqual(await rest(samples), expected);
    });
  }
});
