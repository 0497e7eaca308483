import type { WebPush } from '@parley/common/contract';
import { type FirebaseOptions, initializeApp } from 'firebase/app';
import { getMessaging, getToken, isSupported } from 'firebase/messaging';

import type { PushConnection } from './push.ts';
import { SCOPE } from './registration.ts';
import workerUrl from './push-worker.ts?worker&url';

/** Registers this browser with Firebase; `null` if the browser does not support it. */
export async function connect({ firebase, vapidKey }: WebPush): Promise<PushConnection | null> {
  if (!(await isSupported())) return null;
  const serviceWorkerRegistration = await navigator.serviceWorker.register(workerUrl, {
    scope: SCOPE,
  });
  await isActive(serviceWorkerRegistration);
  const messaging = getMessaging(initializeApp(firebase as FirebaseOptions));
  // `register` returns an installation id, which the server's admin SDK cannot send to.
  // oxlint-disable-next-line typescript/no-deprecated
  const token = await getToken(messaging, { vapidKey, serviceWorkerRegistration });
  return { token };
}

/** A push subscription requires an active worker. */
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
