import { hostname } from 'node:os';
import { pino, stdTimeFunctions, type Logger } from 'pino';

import { hideSecrets, shownError } from './hide-secrets.ts';
import { LogFile, type LogFallback } from './log-file.ts';
import { RefusalRecords, type RefusalFacts } from './refusal-records.ts';

export type { Logger } from 'pino';

/** The file of a logger, and the stream of its audit log. */
interface Companions {
  readonly audit: Logger;
  readonly files: readonly LogFile[];
}

const companions = new WeakMap<object, Companions>();
const refusals = new WeakMap<object, RefusalRecords>();

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
 * A JSON logger that hides secrets and message text, with an audit log beside it: see {@link audit}.
 * @throws ConfigError where log files cannot be written in `directory`
 */
export function createLogger(options: LoggerOptions): Logger {
  const { directory, fallback, level, port, serverId, service } = options;
  const place = port ?? process.pid;
  const settings = {
    level,
    base: { service, server: serverId ?? `${hostname()}:${place}`, port, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { log: hideSecrets },
    serializers: { error: shownError, err: shownError },
  };
  // What the audit log has is never less than `info`.
  const ofAudit = {
    ...settings,
    level: level === 'silent' ? 'silent' : 'info',
    base: { ...settings.base, ...AUDIT },
  };
  if (directory === undefined) {
    const logger = pino(settings);
    companions.set(logger, { audit: pino(ofAudit), files: [] });
    return logger;
  }
  const name = [service, serverId ?? hostname(), place].join('-');
  const [file, auditFile] = [name, `${name}.audit`].map(
    (each) => new LogFile({ directory, name: each, fallback }),
  ) as [LogFile, LogFile];
  const logger = pino(settings, file);
  companions.set(logger, { audit: pino(ofAudit, auditFile), files: [file, auditFile] });
  return logger;
}

/** Marks the lines of the audit log, which share standard output with the others where there are no files. */
const AUDIT = { stream: 'audit' };

/** What an audit log says of an event that concerns the security of an account or what was deleted. */
export interface AuditFacts {
  /** A constant name, such as `login_refused`. */
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** Writes a line to the audit log of a logger, whatever the logger's level is. */
export function audit(logger: Pick<Logger, 'info'>, facts: AuditFacts, message: string): void {
  const own = companions.get(logger);
  if (own === undefined) logger.info({ ...AUDIT, ...facts }, message);
  else own.audit.info(facts, message);
}

/**
 * Writes a refusal to the audit log of a logger, as {@link audit} does. Refusals of one address or one account beyond a
 * rate are counted instead; a line has their number.
 */
export async function auditRefusal(
  logger: Pick<Logger, 'info'>,
  facts: RefusalFacts,
  message: string,
): Promise<void> {
  let records = refusals.get(logger);
  if (records === undefined) {
    records = new RefusalRecords({ write: (written, text) => audit(logger, written, text) });
    refusals.set(logger, records);
  }
  await records.record(facts, message);
}

/** Whether what is logged goes to the files of a logger; `undefined` if it has none. */
export function isLogFileWritable(logger: Logger): boolean | undefined {
  const { files = [] } = companions.get(logger) ?? {};
  return files.length === 0 ? undefined : files.every(({ isWritable }) => isWritable);
}

/** Writes what a logger still holds and closes its files, if it has any. The last thing a service does. */
export async function closeLogger(logger: Logger): Promise<void> {
  const { files = [] } = companions.get(logger) ?? {};
  refusals.get(logger)?.flush();
  await Promise.all(files.map((file) => file.close()));
}
