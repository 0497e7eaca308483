import type { Client } from '@parley/client-common';

import { personName } from './person-name.ts';

/** Longest wait in milliseconds for a name that is not known yet. */
const PATIENCE = 1_500;

/** The name of a user, for a text that cannot change afterwards. It is asked for if it is not known. */
export async function knownName(client: Client, userId: string): Promise<string> {
  const profile = client.profile(userId);
  if (profile.get() === null) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, PATIENCE);
      const stop = profile.subscribe(done);
      function done() {
        clearTimeout(timer);
        stop();
        resolve();
      }
    });
  }
  return personName(profile.get());
}
