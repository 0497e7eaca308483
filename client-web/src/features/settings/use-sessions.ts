import type { Session } from '@parley/common/contract';
import { useCallback, useEffect, useState } from 'react';

import { useServices } from '../../services.ts';
import { errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';

/** The user's sessions and the actions on them. */
export interface Sessions {
  /** `null` while they load. */
  readonly list: readonly Session[] | null;
  readonly failure: string | null;
  readonly reload: () => void;
  readonly revoke: (id: string) => Promise<void>;
  readonly revokeOthers: () => Promise<void>;
}

export function useSessions(): Sessions {
  const { bff } = useServices();
  const { say } = useNotice();
  const [list, setList] = useState<readonly Session[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  const reload = useCallback(() => {
    setFailure(null);
    bff.sessions().then(
      ({ sessions }) => setList(sessions),
      (error: unknown) => setFailure(errorText(error)),
    );
  }, [bff]);
  useEffect(reload, [reload]);

  const end = async (task: Promise<void>, ends: (session: Session) => boolean) => {
    try {
      await task;
      setList((before) => before?.filter((session) => !ends(session)) ?? null);
    } catch (error) {
      say(errorText(error));
      reload();
    }
  };
  return {
    list,
    failure,
    reload,
    revoke: (id) => end(bff.revokeSession(id), (session) => session.id === id),
    revokeOthers: () => end(bff.revokeOtherSessions(), (session) => !session.current),
  };
}
