import type { PublicProfile } from '@parley/common/contract';

import { useClient, useReadable } from '../../client-context.ts';

/** Users with whom a direct conversation exists, latest first. */
export function useContacts(): readonly PublicProfile[] {
  const { conversations } = useReadable(useClient().conversations);
  return conversations.flatMap(({ peer }) => (peer === null || peer.deleted ? [] : [peer]));
}
