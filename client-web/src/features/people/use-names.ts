import { useCallback, useMemo } from 'react';

import { useClient, useReadables } from '../../client-context.ts';
import { personName } from './person-name.ts';

/** Returns a function from user id to name. The function changes only when a name changes. */
export function useNames(userIds: ReadonlySet<string>): (userId: string) => string {
  const client = useClient();
  const key = [...userIds].sort().join(' ');
  const ids = useMemo(() => key.split(' ').filter(Boolean), [key]);
  const readables = useMemo(() => ids.map((id) => client.profile(id)), [client, ids]);
  const profiles = useReadables(readables);
  const names = useMemo(
    () => new Map(ids.map((id, at) => [id, personName(profiles[at] ?? null)])),
    [ids, profiles],
  );
  return useCallback((userId) => names.get(userId) ?? personName(null), [names]);
}
