import type { WebPush } from '@parley/common/contract';
import { type FirebaseOptions, initializeApp } from 'firebase/app';
import { getMessaging, getToken, isSupported } from 'firebase/messaging';

import type { PushConnection } from './push.ts';
import { SCOPE } from './registration.ts';
import workerUrl from './push-worker.ts?worker&url';

/** Has Firebase push to this browser; `null` where the browser cannot. */
export async function connect({ firebase, vapidKey }: WebPush): Promise<PushConnection | null> {
  if (!(await isSupported())) return null;
  const serviceWorkerRegistration = await navigator.serviceWorker.register(workerUrl, {
    scope: SCOPE,
  });
  await isActive(serviceWorkerRegistration);
  const messaging = getMessaging(initializeApp(firebase as FirebaseOptions));
  // `register` answers an id of the installation, which the server's admin SDK does not send to.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const token = await getToken(messaging, { vapidKey, serviceWorkerRegistration });
  return { token };
}

/** A worker must be active before anything can be subscribed to. */
function isActive({ active, installing, waiting }: ServiceWorkerRegistration): Promise<void> {
  const worker = installing ?? waiting;
  if (active !== null || worker === null) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state !== 'activated') return;
      worker.removeEventListener('statechange', look);
      resolve();
    };
    worker.addEventListener('statechange', look);
    look();
  });
}
