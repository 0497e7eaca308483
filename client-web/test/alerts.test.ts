import assert from 'node:assert/strict';

import { readAlertSettings } from '../src/features/alerts/alert-settings.ts';

const holding = (value: string | null) => ({ getItem: () => value, setItem: () => undefined });

describe('alert settings', () => {
  it('begin with sound and without notifications', () => {
    assert.deepEqual(readAlertSettings(holding(null)), { desktop: false, sound: true });
  });

  it('keep what was chosen, and notifications only as long as the browser allows them', () => {
    const chosen = JSON.stringify({ desktop: true, sound: false });
    assert.deepEqual(readAlertSettings(holding(chosen)), { desktop: false, sound: false });
  });

  it('survive a damaged store', () => {
    for (const value of ['', '{', 'null', '[]', '"x"', '{"sound":1}']) {
      assert.deepEqual(readAlertSettings(holding(value)), { desktop: false, sound: true });
    }
  });
});
