import { pino } from 'pino';

import type { Logger } from '../logging/logger.ts';

/** Returns a logger that records every level without redaction, so that tests can find what must not be logged. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { logger, lines };
}
