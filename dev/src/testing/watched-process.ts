import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process whose output tests follow line by line. */
export interface WatchedProcess {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Everything it has written so far, both streams. */
  output(): string;
  /** Settles with the first line that matches, past or future; rejects if the process ends without one. */
  line(pattern: RegExp): Promise<string>;
  /** Settles with how it ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Follows a process whose standard output and error are pipes. */
export function watchProcess(child: ChildProcess): WatchedProcess {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) throw new Error('The output of the process is not a pipe');
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const watcher of watchers) watcher();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  return {
    process: child,
    pid: child.pid ?? -1,
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
        const fail = () => reject(new Error(`No line ${String(pattern)} in:\n${lines.join('\n')}`));
        void ended.then(fail);
      }),
  };
}
