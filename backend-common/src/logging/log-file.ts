import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';

import { ConfigError } from '../config/environment.ts';

/** Where lines go that cannot be written to the log file, and where that is reported. */
export interface LogFallback {
  readonly stdout: { write(line: string): unknown };
  readonly stderr: { write(line: string): unknown };
}

/** A log file that is rotated: 20 MB each, ten kept. When it cannot be written, logging continues on standard output. */
export class LogFile {
  readonly #path: string;
  readonly #stream: RotatingFileStream;
  readonly #fallback: LogFallback;
  #isWritable = true;

  /**
   * Opens `<name>.log`; rotated files are `<name>.<date>-<number>.log`.
   * @throws ConfigError where the folder cannot be created or the file cannot be opened; a full disk is no reason
   */
  constructor(directory: string, name: string, fallback: LogFallback = process) {
    this.#path = join(directory, `${name}.log`);
    this.#fallback = fallback;
    requireWritable(directory, this.#path);
    this.#stream = createStream(
      (time: Date | number | null, index = 0) =>
        time === null ? `${name}.log` : rotatedName(name, time, index),
      { path: directory, size: '20M', maxFiles: 10 },
    );
    this.#stream.on('error', (error) => this.#giveUp(error));
  }

  /** Appends a line, which ends with a line feed. */
  write(line: string): void {
    if (!this.#isWritable) {
      this.#fallback.stdout.write(line);
      return;
    }
    this.#stream.write(line, (error) => {
      if (error instanceof Error) this.#fallback.stdout.write(line);
    });
  }

  /** Writes what is still held and closes the file. Later lines go to standard output. */
  async close(): Promise<void> {
    if (!this.#isWritable) return;
    this.#isWritable = false;
    await new Promise<void>((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.end();
    });
  }

  /** The stream has destroyed itself, so this happens once. */
  #giveUp(error: Error): void {
    this.#isWritable = false;
    this.#fallback.stderr.write(
      `The log file ${this.#path} cannot be written: ${error.message}. ` +
        'Logging continues on standard output.\n',
    );
  }
}

const DISK_IS_FULL = new Set(['ENOSPC', 'EDQUOT']);

function requireWritable(directory: string, path: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    closeSync(openSync(path, 'a'));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (DISK_IS_FULL.has(code)) return;
    throw new ConfigError(
      `The configuration is not usable:\n  PARLEY_LOG_DIR: Log files cannot be written there: ${message}`,
    );
  }
}

function rotatedName(name: string, time: Date | number, index: number): string {
  const minute = new Date(time).toISOString().slice(0, 16).replace(/[-:]/g, '');
  return `${name}.${minute}-${index}.log`;
}
