import { pino } from 'pino';

import type { Logger } from '../logging/logger.ts';

/** A logger that says nothing. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
