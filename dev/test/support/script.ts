import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LOADER = ['--import', import.meta.resolve('tsx'), '--conditions=source'];

/** A program of this repository that runs as a process of its own. */
export interface Script {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Everything it has written so far, both streams. */
  output(): string;
  /** Settles with the first line that matches, be it past or to come; rejects if the program ends without. */
  line(pattern: RegExp): Promise<string>;
  /** Settles with how it ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Runs a TypeScript file, named by its path in the repository, with exactly this environment on top of the present one. */
export function runScript(
  file: string,
  args: readonly string[] = [],
  env: Record<string, string | undefined> = {},
): Script {
  const child = spawn(process.execPath, [...LOADER, file, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watchScript(child);
}

/** Follows the output and the end of a process whose standard output and error are pipes. */
export function watchScript(child: ChildProcess): Script {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const watcher of watchers) watcher();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return {
    process: child,
    pid: child.pid!,
    output: () => lines.join('\n'),
    ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`No line ${pattern} in:\n${lines.join('\n')}`)));
      }),
  };
}
