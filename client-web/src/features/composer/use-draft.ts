import type { ConversationHandle } from '@parley/client-common';
import { useEffect, useRef, useState } from 'react';

import { useReadable } from '../../client-context.ts';

/**
 * The text of the composer. It is local state while the user types, so that the caret stays in place;
 * changes from elsewhere (storage, another tab, a send that cleared it) replace it.
 */
export function useDraft(handle: ConversationHandle): readonly [string, (text: string) => void] {
  const stored = useReadable(handle.draft);
  const [text, setText] = useState(stored);
  const written = useRef(stored);

  useEffect(() => {
    if (stored === written.current) return;
    written.current = stored;
    setText(stored);
  }, [stored]);

  const write = (next: string) => {
    written.current = next;
    setText(next);
    handle.setDraft(next);
  };
  return [text, write];
}
