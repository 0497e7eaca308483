import type { PublicProfile } from '@parley/common/contract';
import { useCallback, useMemo } from 'react';

import { useClient, useReadables } from '../../client-context.ts';
import { personName } from './person-name.ts';

/**
 * Returns a function from user id to name. The function changes only when a name changes. `unknown`: what it returns
 * for a user who is not known.
 */
export function useNames(
  userIds: ReadonlySet<string>,
  unknown = personName(null),
): (userId: string) => string {
  const client = useClient();
  const key = [...userIds].sort().join(' ');
  const ids = useMemo(() => key.split(' ').filter(Boolean), [key]);
  const readables = useMemo(() => ids.map((id) => client.profile(id)), [client, ids]);
  const profiles = useReadables(readables);
  const names = useMemo(
    () => new Map(ids.map((id, at) => [id, nameOr(profiles[at] ?? null, unknown)])),
    [ids, profiles, unknown],
  );
  return useCallback((userId) => names.get(userId) ?? unknown, [names, unknown]);
}

const nameOr = (profile: PublicProfile | null, unknown: string) =>
  profile === null ? unknown : personName(profile);
