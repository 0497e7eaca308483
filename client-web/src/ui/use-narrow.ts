import { useSyncExternalStore } from 'react';

/** Below this width only one pane is shown. Keep it equal to the breakpoint in `shell.css`. */
const NARROW = '(max-width: 639px)';

function subscribe(listener: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

const matches = () => matchMedia(NARROW).matches;

/** Whether the window is so narrow that only one pane is shown. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, matches, () => false);
}
