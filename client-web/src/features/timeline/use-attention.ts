import { useSyncExternalStore } from 'react';

const looking = () => document.visibilityState === 'visible' && document.hasFocus();

function subscribe(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  addEventListener('focus', listener);
  addEventListener('blur', listener);
  return () => {
    document.removeEventListener('visibilitychange', listener);
    removeEventListener('focus', listener);
    removeEventListener('blur', listener);
  };
}

/** Whether the page is visible and has the focus. */
export function useAttention(): boolean {
  return useSyncExternalStore(subscribe, looking, () => true);
}
