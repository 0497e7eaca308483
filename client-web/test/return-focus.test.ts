import assert from 'node:assert/strict';

import { HOME } from '../src/route.ts';
import { focusAfter } from '../src/use-return-focus.ts';
import { idOf } from './support/builders.ts';

const open = { ...HOME, conversationId: idOf(1) };

describe('focus after closing', () => {
  it('returns to the element that opened a panel', () => {
    assert.equal(focusAfter({ ...open, panel: 'new' }, open), '[data-opens="new"]');
    assert.equal(focusAfter({ ...HOME, panel: 'group' }, HOME), '[data-opens="new"]');
    assert.equal(focusAfter({ ...HOME, panel: 'devices' }, HOME), '[data-opens="settings"]');
  });

  it('returns to the settings entry that was open', () => {
    const settings = { ...HOME, panel: 'settings' as const };
    assert.equal(focusAfter({ ...HOME, panel: 'privacy' }, settings), '[data-opens="privacy"]');
  });

  it('returns to the details button, and to the row of a conversation', () => {
    assert.equal(focusAfter({ ...open, details: true }, open), '[data-opens="details"]');
    assert.equal(focusAfter(open, HOME), `[data-conversation="${idOf(1)}"]`);
  });

  it('stays where it is when a view opens', () => {
    assert.equal(focusAfter(HOME, open), null);
    assert.equal(focusAfter(HOME, { ...HOME, panel: 'settings' }), null);
    assert.equal(focusAfter({ ...HOME, panel: 'new' }, open), null);
    assert.equal(focusAfter(open, { ...HOME, conversationId: idOf(2) }), null);
  });
});
