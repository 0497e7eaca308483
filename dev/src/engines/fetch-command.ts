import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment } from '../config.ts';

const LOOK_MS = 500;
const REPORT_MS = 2_000;
/** Lock files and requirement files are smaller and do not count as progress. */
const FIRST_BYTES = 50_000;

/** A program that downloads something into a folder, and how long to wait for it. */
export interface FetchCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** All that the program sees of the environment. */
  readonly env: Environment;
  /** The folder whose growth is the progress. */
  readonly folder: string;
  /** It is ended if nothing has arrived after this long. */
  readonly firstByteMs: number;
  /** It is ended if nothing more arrives for this long. */
  readonly stallMs: number;
  /** Called every two seconds with the number of bytes downloaded. */
  readonly onProgress: (bytes: number) => void;
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Calls `onStall` once the folder has stopped growing; returns what ends the watching. */
function watchGrowth(options: FetchCommand, onStall: (reason: string) => void): () => void {
  let bytes = 0;
  let grewAt = performance.now();
  let reportedAt = grewAt;
  const look = async () => {
    const size = await folderSize(options.folder);
    const now = performance.now();
    if (size > Math.max(bytes, FIRST_BYTES)) [bytes, grewAt] = [size, now];
    if (bytes > 0 && now - reportedAt >= REPORT_MS) {
      reportedAt = now;
      options.onProgress(bytes);
    }
    const silence = now - grewAt;
    if (bytes === 0 && silence > options.firstByteMs) onStall('it does not answer');
    if (bytes > 0 && silence > options.stallMs) onStall('nothing more arrived');
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '')?.slice(0, 300) ?? 'it printed nothing';
}

/**
 * Runs the program and returns what it printed. Throws an error with the last line that it printed if it cannot be run,
 * fails, or makes no progress.
 */
export function runFetch(options: FetchCommand): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(options.command, options.args, {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    let stall: string | undefined;
    const unwatch = watchGrowth(options, (reason) => {
      stall = reason;
      child.kill('SIGKILL');
    });
    child.once('error', (error) => {
      unwatch();
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      reject(missing ? new Error(`there is no ${options.command}`) : error);
    });
    child.once('close', (code) => {
      unwatch();
      if (stall !== undefined) reject(new Error(stall));
      else if (code === 0) resolve(output.stdout);
      else reject(new Error(lastLine(output.stderr || output.stdout)));
    });
  });
}
