import { useEffect, useState } from 'react';

import { useClient, useReadable } from '../client-context.ts';
import { dayOf } from './time-text.ts';

/** Interval between clock checks, in milliseconds. */
const EVERY = 30_000;

/** A time of the current day by the server's clock. It changes only when a new day begins. */
export function useToday(): number {
  const client = useClient();
  const [today, setToday] = useState(() => client.now());
  // Each connection updates the clock offset; before the first one, the device's clock may be wrong.
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
