import assert from 'node:assert/strict';

import { isComposing, isEnter } from '../src/ui/keys.ts';

const press = (key: string, change: object = {}) => ({ key, keyCode: 13, ...change });

describe('key presses', () => {
  it('are an Enter of the user, unless an input method has taken it', () => {
    assert.equal(isEnter(press('Enter')), true);
    assert.equal(isEnter(press('a')), false);
    assert.equal(isEnter(press('Enter', { isComposing: true })), false);
    assert.equal(isEnter(press('Enter', { nativeEvent: { isComposing: true } })), false);
  });

  it('are of the input method if Safari says so by the key code alone', () => {
    for (const key of ['Enter', 'Escape', 'ArrowDown']) {
      const safari = press(key, { keyCode: 229, isComposing: false });
      assert.equal(isComposing(safari), true);
      assert.equal(isEnter(safari), false);
    }
  });
});
