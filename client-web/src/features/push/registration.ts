/** The scope contains no page, so the worker controls none. */
export const SCOPE = '/assets/';

/** Unsubscribes this browser from push messages. */
export async function disconnect(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  const subscription = await registration?.pushManager.getSubscription();
  await subscription?.unsubscribe();
  await registration?.unregister();
}

/** The message that the worker sends when a notification was clicked. */
export interface OpenRequest {
  readonly type: 'parley:open';
  readonly path: string;
}

/** Calls back with the address of a clicked notification. Returns the function that unsubscribes. */
export function onOpenRequest(listener: (path: string) => void): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined;
  const { serviceWorker } = navigator;
  const onMessage = ({ data }: MessageEvent<Partial<OpenRequest> | null>) => {
    if (data?.type === 'parley:open' && typeof data.path === 'string') listener(data.path);
  };
  serviceWorker.addEventListener('message', onMessage);
  return () => serviceWorker.removeEventListener('message', onMessage);
}
