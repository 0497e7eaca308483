/** The worker controls no page: it stands where its script does. */
export const SCOPE = '/assets/';

/** Has this browser take no more pushes. */
export async function disconnect(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  const subscription = await registration?.pushManager.getSubscription();
  await subscription?.unsubscribe();
  await registration?.unregister();
}

/** What the worker says when a notification was clicked. */
export interface OpenRequest {
  readonly type: 'parley:open';
  readonly path: string;
}

/** Calls back with where a clicked notification leads. Answers how to stop. */
export function onOpenRequest(listener: (path: string) => void): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined;
  const { serviceWorker } = navigator;
  const heard = ({ data }: MessageEvent<Partial<OpenRequest> | null>) => {
    if (data?.type === 'parley:open' && typeof data.path === 'string') listener(data.path);
  };
  serviceWorker.addEventListener('message', heard);
  return () => serviceWorker.removeEventListener('message', heard);
}
