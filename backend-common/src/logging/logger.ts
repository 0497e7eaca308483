import { hostname } from 'node:os';
import { pino, type Logger } from 'pino';
import { createStream } from 'rotating-file-stream';

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
  return pino(settings, stream);
}
