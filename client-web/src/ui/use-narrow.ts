import { useSyncExternalStore } from 'react';

/** Below this width one pane is shown at a time. `shell.css` says the same. */
const NARROW = '(max-width: 639px)';

function subscribe(listener: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

const matches = () => matchMedia(NARROW).matches;

/** Whether the window shows one pane at a time. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, matches, () => false);
}
