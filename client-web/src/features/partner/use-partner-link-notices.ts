import { useEffect, useRef } from 'react';

import { useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { texts } from '../../texts/index.ts';
import { useNotice } from '../../ui/notice.tsx';
import { personName } from '../people/person-name.ts';

/** Notifies the user when a partner link begins or ends, no matter which side caused it. */
export function usePartnerLinkNotices(): void {
  const state = useReadable(useParts().partner.partner);
  const { say } = useNotice();
  const before = useRef(state);
  useEffect(() => {
    const last = before.current;
    before.current = state;
    if (last.status === 'none' && state.status === 'linked') {
      say(texts.partner.linked(personName(state.partner)));
    } else if (last.status === 'linked' && state.status === 'none') {
      say(texts.partner.unlinked(personName(last.partner)));
    }
  }, [state, say]);
}
