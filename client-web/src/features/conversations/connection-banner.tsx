import { CloudOff, RefreshCw, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Milliseconds without a connection before anything is said: most gaps are shorter. */
const PATIENCE = 2_500;

/** A quiet line while there is no connection. It stands at an edge, so that it moves nothing. */
export function ConnectionBanner() {
  const client = useClient();
  const trouble = useSettled(troubleOf(useReadable(client.connection)));
  const text = trouble === 'none' ? '' : texts.connection[trouble];
  const Icon = trouble === 'offline' ? WifiOff : CloudOff;
  return (
    <div className="connection" role="status">
      {trouble !== 'none' && (
        <div className="connection-banner">
          <Icon size={18} aria-hidden />
          <span>{text}</span>
          {trouble === 'unreachable' && (
            <button type="button" className="link-button" onClick={() => client.reconnect()}>
              <RefreshCw size={14} aria-hidden /> {texts.connection.retryNow}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** The trouble once it has lasted; being offline is said at once, being fine too. */
function useSettled(trouble: Trouble): Trouble {
  const [settled, setSettled] = useState<Trouble>('none');
  const wait = trouble === 'connecting' || (trouble === 'unreachable' && settled === 'none');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(trouble), wait ? PATIENCE : 0);
    return () => clearTimeout(timer);
  }, [trouble, wait]);
  return settled;
}
