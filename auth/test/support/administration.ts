import type { AdminAccount } from '@parley/common/contract';

import { AuthService, type SignedIn } from './auth-service.ts';

type Json = Record<string, unknown>;

/** An auth service with the administrator `boss-of-all` and the user `ben`. */
export interface Administration {
  readonly auth: AuthService;
  readonly root: SignedIn;
  readonly ben: SignedIn;
}

export async function startAdministration(): Promise<Administration> {
  const auth = await AuthService.start({ env: { PARLEY_ADMINS: 'Boss-Of-All, nobody-yet' } });
  const root = await auth.registerAdministrator('boss-of-all');
  return { auth, root, ben: await auth.register('ben') };
}

/** The requests of the tests of administrators. `current` returns the running service, because a test may restart it. */
export function administrationCalls(current: () => Administration) {
  return {
    /** Calls an operation of administrators; `path` follows `/admin/users/`. */
    act: <Data = AdminAccount>(path: string, as = current().root, method = 'POST') =>
      current().auth.call<Data>(method, `/admin/users/${path}`, { token: as.sessionToken }),
    me: ({ sessionToken: token }: SignedIn) => current().auth.call<Json>('GET', '/me', { token }),
    /** The number of sessions that Ben has. */
    liveSessions: () => {
      const { auth, ben } = current();
      const sessions = auth.mongo.db.collection('sessions');
      return sessions.countDocuments({ userId: ben.user.id, revokedAt: null });
    },
    /** The lines of the audit log about operations of administrators. */
    audited: () =>
      current()
        .auth.log.lines.map((line) => JSON.parse(line) as Json)
        .filter(({ event, operation }) => {
          return event !== undefined && String(operation).startsWith('admin:');
        }),
  };
}
