import { useEffect, useState } from 'react';

import { useClient } from '../client-context.ts';
import { dayOf } from './time-text.ts';

/** Milliseconds between looks at the clock. */
const EVERY = 30_000;

/** A time of today, by the server's clock, that changes only when another day begins. */
export function useToday(): number {
  const client = useClient();
  const [today, setToday] = useState(() => client.now());
  useEffect(() => {
    const timer = setInterval(() => {
      const now = client.now();
      setToday((before) => (dayOf(before) === dayOf(now) ? before : now));
    }, EVERY);
    return () => clearInterval(timer);
  }, [client]);
  return today;
}
