import { hostname } from 'node:os';
import { pino, type Logger } from 'pino';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';

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

const files = new WeakMap<Logger, RotatingFileStream>();

/** How a service logs. */
export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** Folder for rotated files (20 MB each, ten kept); standard output where absent. */
  readonly directory?: string | undefined;
  /** Port of the service, part of the file's name. */
  readonly port?: number;
}

/** A JSON logger that hides secrets and message text. */
export function createLogger(options: LoggerOptions): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const settings = {
    level: options.level,
    base: { service: options.service, pid: process.pid },
    redact: { paths, censor: '[redacted]' },
    serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
  };
  if (options.directory === undefined) return pino(settings);
  const name = [options.service, hostname(), options.port ?? process.pid].join('-');
  const stream = createStream(`${name}.log`, {
    path: options.directory,
    size: '20M',
    maxFiles: 10,
  });
  const logger = pino(settings, stream);
  files.set(logger, stream);
  return logger;
}

/** Writes what a logger still holds and closes its file, if it has one. The last thing a service does. */
export async function closeLogger(logger: Logger): Promise<void> {
  const file = files.get(logger);
  if (file === undefined || !files.delete(logger)) return;
  await new Promise<void>((resolve) => file.end(() => resolve()));
}
