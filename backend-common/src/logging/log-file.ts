import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTE } from '@parley/common';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';

import { ConfigError } from '../config/environment.ts';

/** Where lines go that cannot be written to the log file, and where that is reported. */
export interface LogFallback {
  readonly stdout: { write(line: string): unknown };
  readonly stderr: { write(line: string): unknown };
}

export interface LogFileOptions {
  readonly directory: string;
  /** Without the ending `.log`. */
  readonly name: string;
  /** Default: the process's own output. */
  readonly fallback?: LogFallback | undefined;
  /** Monotonic milliseconds; for tests. */
  readonly monotonic?: (() => number) | undefined;
}

/** The disk is full, or the folder is read-only: both may pass, so a service starts and runs all the same. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM']);
/** Milliseconds until a file that could not be written is tried again. */
const RETRY_AFTER = MINUTE;

/**
 * A log file that is rotated: 20 MB each, ten kept. While it cannot be written, logging continues on standard output,
 * and the file is tried again every minute.
 */
export class LogFile {
  readonly #directory: string;
  readonly #name: string;
  readonly #fallback: LogFallback;
  readonly #monotonic: () => number;
  #stream: RotatingFileStream | undefined;
  #retryAt = 0;
  #isClosed = false;

  /**
   * Opens `<name>.log`; rotated files are `<name>.<date>-<number>.log`.
   * @throws ConfigError where the folder cannot be one; a full or read-only disk is no reason
   */
  constructor(options: LogFileOptions) {
    const { directory, fallback = process, monotonic = () => performance.now(), name } = options;
    this.#directory = directory;
    this.#name = name;
    this.#fallback = fallback;
    this.#monotonic = monotonic;
    const error = this.#tryToOpen();
    if (error === undefined) return;
    if (!PASSING.has(error.code ?? '')) {
      throw new ConfigError(
        `The configuration is not usable:\n  PARLEY_LOG_DIR: Log files cannot be written there: ${error.message}`,
      );
    }
    this.#report(error);
  }

  /** Whether lines go to the file. */
  get isWritable(): boolean {
    return this.#stream !== undefined;
  }

  /** Appends a line, which ends with a line feed. */
  write(line: string): void {
    if (this.#stream === undefined) this.#tryAgain();
    if (this.#stream === undefined) {
      this.#fallback.stdout.write(line);
      return;
    }
    this.#stream.write(line, (error) => {
      if (error instanceof Error) this.#fallback.stdout.write(line);
    });
  }

  /** Writes what is still held and closes the file. Later lines go to standard output. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined) return;
    await new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.end();
    });
  }

  /** Opens the file, or returns why that is not possible. */
  #tryToOpen(): NodeJS.ErrnoException | undefined {
    const path = join(this.#directory, `${this.#name}.log`);
    try {
      mkdirSync(this.#directory, { recursive: true });
      closeSync(openSync(path, 'a'));
    } catch (error) {
      return error as NodeJS.ErrnoException;
    }
    const stream = createStream(
      (time: Date | number | null, index = 0) =>
        time === null ? `${this.#name}.log` : rotatedName(this.#name, time, index),
      { path: this.#directory, size: '20M', maxFiles: 10 },
    );
    // The stream destroys itself with its first error.
    stream.on('error', (error) => {
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.#report(error);
    });
    this.#stream = stream;
    return undefined;
  }

  #tryAgain(): void {
    if (this.#isClosed || this.#monotonic() < this.#retryAt) return;
    this.#retryAt = this.#monotonic() + RETRY_AFTER;
    this.#tryToOpen();
  }

  #report(error: Error): void {
    // One report for each time of trouble: a retry that fails a moment later is the same one.
    const isNew = this.#retryAt === 0 || this.#monotonic() >= this.#retryAt;
    this.#retryAt = this.#monotonic() + RETRY_AFTER;
    if (!isNew) return;
    const path = join(this.#directory, `${this.#name}.log`);
    this.#fallback.stderr.write(
      `The log file ${path} cannot be written: ${error.message}. ` +
        'Logging continues on standard output.\n',
    );
  }
}

function rotatedName(name: string, time: Date | number, index: number): string {
  const minute = new Date(time).toISOString().slice(0, 16).replace(/[-:]/g, '');
  return `${name}.${minute}-${index}.log`;
}
