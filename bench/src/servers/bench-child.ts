/** The IPC message that makes a server collect its garbage before its memory is read; needs `--expose-gc`. */
export const COLLECT_GARBAGE = 'SIGUSR2';

/** Makes a measured server end with the run and collect its garbage on request. */
export function beBenchChild(): void {
  process.once('disconnect', () => process.exit(1));
  process.on(COLLECT_GARBAGE, () => globalThis.gc?.());
}
