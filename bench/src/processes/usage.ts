import { readFile } from 'node:fs/promises';

/** The kernel counts CPU time of processes in ticks of 10 ms wherever Node runs (`getconf CLK_TCK`). */
const SECONDS_PER_TICK = 0.01;

/**
 * Seconds of CPU that a process has used, all its threads and the kernel's work for it included. NaN where there is no
 * `/proc` or no such process.
 */
export async function cpuSeconds(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold blanks; what follows it starts with field 3 (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) * SECONDS_PER_TICK;
}

/** Seconds of CPU that all processes of the machine have used together; NaN where there is no `/proc`. */
export async function machineCpuSeconds(): Promise<number> {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => 'cpu');
  // user, nice, system; then idle, iowait; then irq, softirq, steal (proc_stat(5)).
  const [user, nice, system, , , irq, softirq] = (stat.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const ticks = [user, nice, system, irq, softirq].map((count) => count ?? Number.NaN);
  return ticks.reduce((sum, count) => sum + count, 0) * SECONDS_PER_TICK;
}

/** Bytes of memory that a process holds; NaN where there is no `/proc` or no such process. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** The monotonic clock that all processes of the machine share, and that CPU profiles are written with. */
export function sharedMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
