import { pino } from 'pino';

import type { Logger } from '../logging/logger.ts';

/** A logger that keeps every line, also of the lowest level, and hides nothing: what must not be logged shows. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { logger, lines };
}
