import assert from 'node:assert/strict';

import { Navigation } from '../src/navigation.ts';
import { idOf } from './support/builders.ts';
import { fakeWindow } from './support/fake-window.ts';

const conversation = `/c/${idOf(1)}`;

describe('navigation', () => {
  it('starts with the route of the current address', () => {
    const navigation = new Navigation(fakeWindow(`${conversation}/details`));
    assert.deepEqual(navigation.current(), {
      conversationId: idOf(1),
      details: true,
      panel: null,
    });
  });

  it('adds a history entry for each change, which the back button undoes', () => {
    const window = fakeWindow();
    const navigation = new Navigation(window);
    const seen: (string | null)[] = [];
    navigation.subscribe(() => seen.push(navigation.current().conversationId));
    navigation.go({ conversationId: idOf(1) });
    window.history.back();
    window.history.forward();
    assert.deepEqual(seen, [idOf(1), null, idOf(1)]);
  });

  it('adds no history entry when the route does not change', () => {
    const window = fakeWindow(conversation);
    const navigation = new Navigation(window);
    navigation.go({ conversationId: idOf(1) });
    window.history.back();
    assert.equal(window.path(), conversation);
  });

  it('closes a view by going back if the user came from the target route', () => {
    const window = fakeWindow();
    const navigation = new Navigation(window);
    navigation.subscribe(() => undefined);
    navigation.go({ panel: 'settings' });
    navigation.close({ panel: null });
    assert.equal(window.path(), '/');
    window.history.forward();
    assert.equal(window.path(), '/?panel=settings', 'the step was undone, not repeated');
  });

  it('closes a view by replacing the entry if the page was opened there', () => {
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
