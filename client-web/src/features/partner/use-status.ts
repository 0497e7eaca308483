import type { Partner, Status, StatusName } from '@parley/common/contract';

import { useClient, useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { texts } from '../../texts/index.ts';
import { errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { statusText } from './status-text.ts';

/** The partner, or `null` if there is none or it is not known yet. */
export function usePartner(): Partner | null {
  const state = useReadable(useParts().partner.partner);
  return state.status === 'linked' ? state.partner : null;
}

/** The own status; AVAILABLE until it is known. */
export function useOwnStatus(): Status {
  const status = useReadable(useParts().partner.status);
  return status ?? { status: 'AVAILABLE', statusExpiration: null, timestamp: 0 };
}

/** Returns a function that sets the own status and shows what the partner now sees. */
export function useSetStatus(): (status: StatusName, until: number | null) => Promise<void> {
  const { partner } = useParts();
  const client = useClient();
  const { say } = useNotice();
  return async (status, until) => {
    try {
      await partner.setStatus(status, until);
      const now = client.now();
      say(texts.partner.saved(statusText({ status, statusExpiration: until }, now)));
    } catch (error) {
      say(errorText(error));
    }
  };
}
