import { hostname } from 'node:os';
import { pino, stdTimeFunctions, type Logger } from 'pino';

import { LogFile, type LogFallback } from './log-file.ts';

export type { Logger } from 'pino';

/** Fields that never reach a log, wherever they stand in what is logged. */
const SECRET_FIELDS = [
  'token',
  'sessionToken',
  'ticket',
  'password',
  'currentPassword',
  'newPassword',
  'passwordHash',
  'tokenHash',
  'text',
  'authorization',
  'cookie',
  'secret',
];

const files = new WeakMap<Logger, LogFile>();

/** How a service logs. */
export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** Folder for rotated files; standard output where absent. */
  readonly directory?: string | undefined;
  /** Names this process among those of the service; default: the host. Part of each line and of the file's name. */
  readonly serverId?: string | undefined;
  /** Port of the service, part of each line and of the file's name; the process id where absent. */
  readonly port?: number;
  /** Where lines go that cannot be written to the file; default the process's own output. */
  readonly fallback?: LogFallback;
}

/**
 * A JSON logger that hides secrets and message text.
 * @throws ConfigError where log files cannot be written in `directory`
 */
export function createLogger(options: LoggerOptions): Logger {
  const { directory, fallback, level, port, serverId, service } = options;
  const place = port ?? process.pid;
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const settings = {
    level,
    base: { service, server: serverId ?? `${hostname()}:${place}`, port, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths, censor: '[redacted]' },
    serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
  };
  if (directory === undefined) return pino(settings);
  const name = [service, serverId ?? hostname(), place].join('-');
  const file = new LogFile({ directory, name, fallback });
  const logger = pino(settings, file);
  files.set(logger, file);
  return logger;
}

/** Whether what is logged goes to the file of a logger; `undefined` if it has none. */
export function isLogFileWritable(logger: Logger): boolean | undefined {
  return files.get(logger)?.isWritable;
}

/** Writes what a logger still holds and closes its file, if it has one. The last thing a service does. */
export async function closeLogger(logger: Logger): Promise<void> {
  await files.get(logger)?.close();
}
