import assert from 'node:assert/strict';

import { Navigation } from '../src/navigation.ts';
import { idOf } from './support/builders.ts';
import { fakeWindow } from './support/fake-window.ts';

const conversation = `/c/${idOf(1)}`;

describe('navigation', () => {
  it('reads the address it starts at', () => {
    const navigation = new Navigation(fakeWindow(`${conversation}/details`));
    assert.deepEqual(navigation.current(), {
      conversationId: idOf(1),
      details: true,
      panel: null,
    });
  });

  it('makes a step for each change, that the back button undoes', () => {
    const window = fakeWindow();
    const navigation = new Navigation(window);
    const seen: (string | null)[] = [];
    navigation.subscribe(() => seen.push(navigation.current().conversationId));
    navigation.go({ conversationId: idOf(1) });
    window.history.back();
    window.history.forward();
    assert.deepEqual(seen, [idOf(1), null, idOf(1)]);
  });

  it('makes no step to where it is already', () => {
    const window = fakeWindow(conversation);
    const navigation = new Navigation(window);
    navigation.go({ conversationId: idOf(1) });
    window.history.back();
    assert.equal(window.path(), conversation);
  });

  it('closes by going back where the person came from there', () => {
    const window = fakeWindow();
    const navigation = new Navigation(window);
    navigation.subscribe(() => undefined);
    navigation.go({ panel: 'settings' });
    navigation.close({ panel: null });
    assert.equal(window.path(), '/');
    window.history.forward();
    assert.equal(window.path(), '/?panel=settings', 'the step was undone, not repeated');
  });

  it('closes in place where the page was opened there', () => {
    const window = fakeWindow(`${conversation}/details`);
    const navigation = new Navigation(window);
    navigation.close({ details: false });
    assert.equal(window.path(), conversation);
    assert.equal(navigation.current().details, false);
  });

  it('does not go back to another conversation when one is closed', () => {
    const window = fakeWindow();
    const navigation = new Navigation(window);
    navigation.subscribe(() => undefined);
    navigation.go({ conversationId: idOf(1) });
    navigation.go({ conversationId: idOf(2) });
    navigation.close({ conversationId: null });
    assert.equal(window.path(), '/');
  });
});
