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

  describe('with something open above the route', () => {
    const start = (path: string) => {
      const window = fakeWindow('/');
      const navigation = new Navigation(window);
      navigation.subscribe(() => undefined);
      navigation.go({ conversationId: idOf(1) });
      if (path !== conversation) navigation.go({ panel: 'settings' });
      return { window, navigation };
    };

    it('closes it by Back, and stays where it is', () => {
      const { window, navigation } = start(conversation);
      let backs = 0;
      const closed = navigation.openLayer(() => {
        backs += 1;
        return true;
      });
      window.history.back();
      closed();
      assert.deepEqual([backs, window.path()], [1, conversation]);
      window.history.back();
      assert.deepEqual([backs, window.path()], [1, '/']);
    });

    it('leaves no step behind when it is closed otherwise', () => {
      const { window, navigation } = start(conversation);
      navigation.openLayer(() => true)();
      assert.equal(window.path(), conversation);
      window.history.back();
      assert.equal(window.path(), '/');
    });

    it('closes the topmost of two first', () => {
      const { window, navigation } = start(conversation);
      const closed: string[] = [];
      navigation.openLayer(() => closed.push('dialog') > 0);
      navigation.openLayer(() => closed.push('question') > 0);
      window.history.back();
      assert.deepEqual(closed, ['question']);
      window.history.back();
      assert.deepEqual(closed, ['question', 'dialog']);
      assert.equal(window.path(), conversation);
    });

    it('keeps it open if it says so, and asks it again', () => {
      const { window, navigation } = start(conversation);
      let backs = 0;
      navigation.openLayer(() => {
        backs += 1;
        return false;
      });
      window.history.back();
      window.history.back();
      assert.deepEqual([backs, window.path()], [2, conversation]);
    });

    it('leaves its step out when the route changes below it', () => {
      const { window, navigation } = start(conversation);
      const closed = navigation.openLayer(() => true);
      navigation.go({ conversationId: idOf(2) });
      closed();
      assert.equal(navigation.current().conversationId, idOf(2));
      window.history.back();
      assert.equal(window.path(), conversation);
    });

    it('asks before a guarded panel is left, by whatever way', () => {
      for (const way of ['back', 'close', 'go'] as const) {
        const { window, navigation } = start('/?panel=settings');
        const asked: (() => void)[] = [];
        navigation.guardPanel((leave) => asked.push(leave));
        if (way === 'back') window.history.back();
        else if (way === 'close') navigation.close({ panel: null });
        else navigation.go({ panel: 'new' });
        assert.deepEqual([asked.length, navigation.current().panel], [1, 'settings'], way);
        asked[0]?.();
        assert.equal(navigation.current().panel, way === 'go' ? 'new' : null, way);
        assert.equal(navigation.current().conversationId, idOf(1), way);
      }
    });

    it('goes back to the panel that opened this one, and to the fallback without one', () => {
      const { window, navigation } = start('/?panel=settings');
      navigation.go({ panel: 'partner' });
      navigation.closePanel({ panel: null });
      assert.equal(window.path(), `${conversation}?panel=settings`);
      const opened = new Navigation(fakeWindow('/?panel=partner'));
      opened.closePanel({ panel: null });
      assert.equal(opened.current().panel, null);
    });
  });
});
