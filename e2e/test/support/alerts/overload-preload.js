/*
 * Loaded into the services of the drill of the alerts. SIGUSR2 overloads a process, and ends that again: it holds much
 * memory, its event loop is blocked most of the time, and its log file cannot be written, as on a full disk.
 */
import { readlinkSync } from 'node:fs';
import { Buffer } from 'node:buffer';
import { open } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES = 400 * 1024 * 1024;
const BLOCKED_MS = 400;
const EVERY_MS = 500;

let overload;

process.on('SIGUSR2', () => {
  if (overload === undefined) {
    overload = { memory: Buffer.alloc(BYTES, 1), timer: setInterval(block, EVERY_MS) };
    return;
  }
  clearInterval(overload.timer);
  overload = undefined;
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
});

function block() {
  const end = performance.now() + BLOCKED_MS;
  while (performance.now() < end);
}

function isLog(fd) {
  try {
    return /\/auth-[^/]*\.log$/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false;
  }
}

const handle = await open('/dev/null');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ['write', 'writev']) {
  const original = prototype[name];
  prototype[name] = function write(...args) {
    if (overload === undefined || !isLog(this.fd)) return original.apply(this, args);
    const full = new Error('ENOSPC: no space left on device, write');
    return Promise.reject(Object.assign(full, { code: 'ENOSPC' }));
  };
}
