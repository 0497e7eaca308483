import type { Client } from '@parley/client-common';
import { type RefObject, useEffect } from 'react';

import { useClient } from '../../client-context.ts';
import type { Navigation } from '../../navigation.ts';
import { useNavigation } from '../../services.ts';
import { filterConversations } from './filter-conversations.ts';

export interface ShortcutTargets {
  readonly search: RefObject<HTMLInputElement | null>;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

/** Handles the global shortcuts: Alt+↑/↓, Ctrl or ⌘ + K, and Esc. */
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
      if (action === null) return;
      event.preventDefault();
      actions[action]();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [client, navigation, search, field]);
}

/** The action for a key press, if it is a shortcut and no other handler took it. */
function shortcutOf(event: KeyboardEvent): 'previous' | 'next' | 'search' | 'leave' | null {
  if (event.defaultPrevented || event.isComposing) return null;
  const { key, altKey } = event;
  const command = event.ctrlKey || event.metaKey;
  if (key === 'Escape') return 'leave';
  if (altKey && !command && key === 'ArrowUp') return 'previous';
  if (altKey && !command && key === 'ArrowDown') return 'next';
  const plain = command && !altKey && !event.shiftKey;
  return plain && key.toLowerCase() === 'k' ? 'search' : null;
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
  // The list may not be rendered yet.
  requestAnimationFrame(() => search.current?.focus());
}

function leave(navigation: Navigation, field: ShortcutTargets['field']) {
  const { panel, details } = navigation.current();
  if (panel !== null) navigation.close({ panel: null });
  else if (details) navigation.close({ details: false });
  else field.current?.focus();
}
