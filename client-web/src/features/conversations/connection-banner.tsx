import { CloudOff, RefreshCw, TriangleAlert, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Delay in milliseconds before a lost connection is shown: most gaps are shorter. */
const PATIENCE = 2_500;

/** Lines that are shown while there is no connection, or no room for what the user writes. They overlay an edge and shift no content. */
export function ConnectionBanner() {
  const client = useClient();
  const state = useReadable(client.connection);
  const trouble = useSettled(troubleOf(state), state.status === 'connecting');
  const isLosing = useLasting(useReadable(client.isLosing));
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
      {isLosing && (
        <div className="connection-banner">
          <TriangleAlert size={18} aria-hidden />
          <span>{texts.connection.losing}</span>
        </div>
      )}
    </div>
  );
}

/** Whether something has been so for a while. */
function useLasting(isSo: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLasts(isSo), isSo ? PATIENCE : 0);
    return () => clearTimeout(timer);
  }, [isSo]);
  return lasts && isSo;
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
