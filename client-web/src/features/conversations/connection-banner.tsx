import { CloudOff, RefreshCw, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Delay in milliseconds before a lost connection is shown: most gaps are shorter. */
const PATIENCE = 2_500;

/** A line that is shown while there is no connection. It overlays an edge and shifts no content. */
export function ConnectionBanner() {
  const client = useClient();
  const state = useReadable(client.connection);
  const trouble = useSettled(troubleOf(state), state.status === 'connecting');
  const text = trouble === 'none' ? '' : texts.connection[trouble];
  const Icon = trouble === 'offline' ? WifiOff : CloudOff;
  return (
    <div className="connection" role="status">
      {trouble !== 'none' && (
        <div className="connection-banner">
          <Icon size={18} aria-hidden />
          <span>{text}</span>
          {(trouble === 'unreachable' || trouble === 'blocked') && (
            <button type="button" className="link-button" onClick={() => client.reconnect()}>
              <RefreshCw size={14} aria-hidden /> {texts.connection.retryNow}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/**
 * The problem once it has lasted long enough; `offline` and recovery are reported immediately. An attempt in progress
 * leaves the known cause on the screen.
 */
function useSettled(current: Trouble, isConnecting: boolean): Trouble {
  const [settled, setSettled] = useState<Trouble>('none');
  const trouble = settled === 'blocked' && isConnecting ? settled : current;
  const wait = trouble === 'connecting' || (trouble === 'unreachable' && settled === 'none');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(trouble), wait ? PATIENCE : 0);
    return () => clearTimeout(timer);
  }, [trouble, wait]);
  return settled;
}
