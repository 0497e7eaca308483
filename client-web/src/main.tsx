import { AppError, browserPlatform, createClient } from '@parley/client-common';
import { browserUploads } from '@parley/client-common/uploads';
import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { resetTokenOf } from './features/password-reset/reset-token.ts';
import { disconnect } from './features/push/registration.ts';
import { Navigation } from './navigation.ts';
import { createParts } from './parts.ts';
import type { Services } from './services.ts';
import { Bff } from './session/bff.ts';
import { safeStorage } from './session/safe-storage.ts';
import { isSignedOut, SessionStore, USER_KEY } from './session/session-store.ts';
import { texts } from './texts/index.ts';

document.documentElement.lang = texts.language;
document.documentElement.dir = texts.direction;

const bff = new Bff((input, init) => fetch(input, init));

/** Fetches a ticket for the next handshake; without a session the client does not connect. */
async function credentials(): Promise<string> {
  try {
    return await bff.ticket();
  } catch (error) {
    throw isSignedOut(error) ? new AppError('session_expired') : error;
  }
}

const platform = browserPlatform();

const services: Services = {
  bff,
  session: new SessionStore({ bff, storage: safeStorage(() => localStorage) }),
  navigation: new Navigation(window),
  resetToken: () => resetTokenOf(location),
  makeClient: ({ id }) =>
    createClient({
      url: '',
      userId: id,
      credentials,
      platform,
      uploads: browserUploads(),
      loadProfile: (userId) => bff.user(userId),
    }),
  makeParts: (client) =>
    createParts(client, {
      platform,
      push: {
        config: async () => (await bff.meta()).push,
        connect: async (config) => (await import('./features/push/firebase.ts')).connect(config),
        disconnect,
      },
    }),
};

// Another tab signed in or out, so this page shows an outdated account.
addEventListener('storage', ({ key, oldValue, newValue }) => {
  if (key === USER_KEY && userIdIn(oldValue) !== userIdIn(newValue)) location.reload();
});

function userIdIn(stored: string | null): string | null {
  return stored === null ? null : (JSON.parse(stored) as { id: string }).id;
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root');
createRoot(root).render(<App services={services} />);
