import { useEffect, useState } from 'react';

import { useClient, useReadable } from '../client-context.ts';
import { dayOf } from './time-text.ts';

/** Milliseconds between looks at the clock. */
const EVERY = 30_000;

/** A time of today, by the server's clock, that changes only when another day begins. */
export function useToday(): number {
  const client = useClient();
  const [today, setToday] = useState(() => client.now());
  // Each connection says anew what time it is; until the first, the device's clock may be wrong.
  const { status } = useReadable(client.connection);
  useEffect(() => {
    const look = () => {
      const now = client.now();
      setToday((before) => (dayOf(before) === dayOf(now) ? before : now));
    };
    look();
    const timer = setInterval(look, EVERY);
    return () => clearInterval(timer);
  }, [client, status]);
  return today;
}
