import type { ConversationHandle, MemberList, Readable } from '@parley/client-common';
import { useCallback, useEffect, useMemo, useState } from 'react';

import { useReadable } from '../../client-context.ts';
import { lookalikesAmong, withHandle } from './lookalike-names.ts';
import { useNames } from './use-names.ts';

const NO_MEMBERS: MemberList = { members: [], complete: false };
const NOBODY: Readable<MemberList> = { get: () => NO_MEMBERS, subscribe: () => () => undefined };

export interface Company {
  readonly handle: Pick<ConversationHandle, 'members'>;
  /** Names can be mistaken in groups only. */
  readonly isGroup: boolean;
}

/**
 * Like `useNames`, and keeps the members of a group loaded, so that their names are current. A member whose name looks like the name of another member is
 * named with the username.
 */
export function useDistinctNames(
  userIds: ReadonlySet<string>,
  { handle, isGroup }: Company,
): (userId: string) => string {
  const nameOf = useNames(userIds);
  const { members } = useReadable(isGroup ? handle.members : NOBODY);
  const readingOf = useReading(members.length > 1);
  const handles = useMemo(
    () => (readingOf === null ? null : lookalikesAmong(members, readingOf)),
    [members, readingOf],
  );
  return useCallback(
    (userId) => {
      const username = handles?.get(userId);
      return username === undefined ? nameOf(userId) : withHandle(nameOf(userId), username);
    },
    [nameOf, handles],
  );
}

type Reading = (name: string) => string;

/** The function that compares names, once it is loaded: its table is large, and only groups need it. */
function useReading(wanted: boolean): Reading | null {
  const [reading, setReading] = useState<{ readonly of: Reading } | null>(null);
  useEffect(() => {
    if (!wanted) return;
    let isOver = false;
    import('@parley/common/lookalikes').then(
      (loaded) => {
        if (!isOver) setReading({ of: loaded.reading });
      },
      // Offline: the names stay as they are.
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [wanted]);
  return reading?.of ?? null;
}
