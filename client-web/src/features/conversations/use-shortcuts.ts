import { codePoints } from '@parley/common';
import type { Client } from '@parley/client-common';
import { type RefObject, useEffect } from 'react';

import { useClient } from '../../client-context.ts';
import type { Navigation } from '../../navigation.ts';
import { useNavigation } from '../../services.ts';
import { isComposing } from '../../ui/keys.ts';
import { filterConversations } from './filter-conversations.ts';

export interface ShortcutTargets {
  readonly search: RefObject<HTMLInputElement | null>;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

/**
 * Handles the global shortcuts: Alt+↑/↓, Ctrl or ⌘ + K, and Esc. A character that is typed where no text can be
 * written goes to the message field.
 */
export function useShortcuts(targets: ShortcutTargets): void {
  const { search, field } = targets;
  const client = useClient();
  const navigation = useNavigation();
  useEffect(() => {
    const actions = {
      previous: () => step({ client, navigation }, -1),
      next: () => step({ client, navigation }, 1),
      search: () => focusSearch(navigation, search),
      leave: () => leave(navigation, field),
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const action = shortcutOf(event);
      if (action === null) {
        // The key press then writes into the field.
        if (isStrayText(event)) field.current?.focus();
        return;
      }
      event.preventDefault();
      actions[action]();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [client, navigation, search, field]);
}

/** The action for a key press, if it is a shortcut and no other handler took it. */
function shortcutOf(event: KeyboardEvent): 'previous' | 'next' | 'search' | 'leave' | null {
  if (event.defaultPrevented || isComposing(event)) return null;
  const { key, altKey } = event;
  const command = event.ctrlKey || event.metaKey;
  if (key === 'Escape') return 'leave';
  if (altKey && !command && key === 'ArrowUp') return 'previous';
  if (altKey && !command && key === 'ArrowDown') return 'next';
  const plain = command && !altKey && !event.shiftKey;
  return plain && key.toLowerCase() === 'k' ? 'search' : null;
}

/** Whether a key press writes a character although no text field, dialog or menu has the focus. */
function isStrayText(event: KeyboardEvent): boolean {
  const { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey) return false;
  // Space presses buttons and scrolls.
  if (
    codePoints(key) !== 1 ||
    key === ' ' ||
    (event.altKey && !event.getModifierState('AltGraph'))
  ) {
    return false;
  }
  if (document.querySelector('dialog[open], [role=menu]') !== null) return false;
  return target instanceof Element && !target.matches('input, textarea, select, video, audio');
}

interface Place {
  readonly client: Client;
  readonly navigation: Navigation;
}

function step({ client, navigation }: Place, by: 1 | -1) {
  const { conversationId } = navigation.current();
  const all = client.conversations.get().conversations;
  const shown = filterConversations(all, { archived: false, query: '' });
  const now = shown.findIndex(({ id }) => id === conversationId);
  const next = shown[now === -1 ? 0 : now + by];
  if (next !== undefined) navigation.go({ conversationId: next.id, details: false });
}

function focusSearch(navigation: Navigation, search: ShortcutTargets['search']) {
  const narrow = matchMedia('(max-width: 639px)').matches;
  const route = narrow ? { conversationId: null, details: false } : {};
  navigation.go({ ...route, panel: null });
  // At once, so that the next character is not written elsewhere; but the list may not be rendered yet.
  search.current?.focus();
  requestAnimationFrame(() => search.current?.focus());
}

function leave(navigation: Navigation, field: ShortcutTargets['field']) {
  const { panel, details } = navigation.current();
  if (panel !== null) navigation.closePanel({ panel: null });
  else if (details) navigation.close({ details: false });
  else field.current?.focus();
}
