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

/** Whether the person is looking at the page. */
export function useAttention(): boolean {
  return useSyncExternalStore(subscribe, looking, () => true);
}
