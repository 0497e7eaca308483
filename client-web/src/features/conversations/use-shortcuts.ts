import { type RefObject, useEffect } from 'react';

import { useClient } from '../../client-context.ts';
import { useNavigation } from '../../services.ts';
import { filterConversations } from './filter-conversations.ts';

export interface ShortcutTargets {
  readonly search: RefObject<HTMLInputElement | null>;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

/** The keys that work everywhere: Alt+↑/↓, Ctrl or ⌘ + K, and Esc. */
export function useShortcuts({ search, field }: ShortcutTargets): void {
  const client = useClient();
  const navigation = useNavigation();
  useEffect(() => {
    const step = (by: 1 | -1) => {
      const { conversationId } = navigation.current();
      const all = client.conversations.get().conversations;
      const shown = filterConversations(all, { archived: false, query: '' });
      const now = shown.findIndex(({ id }) => id === conversationId);
      const next = shown[now === -1 ? 0 : now + by];
      if (next !== undefined) navigation.go({ conversationId: next.id, details: false });
    };
    const focusSearch = () => {
      const narrow = matchMedia('(max-width: 639px)').matches;
      const route = narrow ? { conversationId: null, details: false } : {};
      navigation.go({ ...route, panel: null });
      // The list may only now be drawn.
      requestAnimationFrame(() => search.current?.focus());
    };
    const leave = () => {
      const { panel, details } = navigation.current();
      if (panel !== null) navigation.close({ panel: null });
      else if (details) navigation.close({ details: false });
      else field.current?.focus();
    };

    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const { key, altKey } = event;
      const command = event.ctrlKey || event.metaKey;
      if (altKey && !command && (key === 'ArrowDown' || key === 'ArrowUp')) {
        step(key === 'ArrowDown' ? 1 : -1);
      } else if (command && !altKey && !event.shiftKey && key.toLowerCase() === 'k') focusSearch();
      else if (key === 'Escape') leave();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [client, navigation, search, field]);
}
