import type { Settings } from '@parley/common/contract';
import { DAY } from '@parley/common';
import { useEffect, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { isMuted } from './mute.ts';

/** Whether a conversation is muted now. The component renders again when the mute ends. */
export function useMuted(settings: Settings): boolean {
  const client = useClient();
  const [, setEnded] = useState(0);
  const { mutedUntil } = settings;
  const muted = isMuted(settings, client.now());
  useEffect(() => {
    if (!muted || mutedUntil === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      const left = mutedUntil - client.now();
      // The server's clock may be corrected meanwhile, and timers overflow after 24.8 days: look again in between.
      if (left > 0) timer = setTimeout(wait, Math.min(left, DAY));
      else setEnded((count) => count + 1);
    };
    wait();
    return () => clearTimeout(timer);
  }, [client, muted, mutedUntil]);
  return muted;
}
