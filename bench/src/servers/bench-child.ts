/** Told to a server before its memory is read; see `--expose-gc`. */
export const COLLECT_GARBAGE = 'SIGUSR2';

/** What every measured server does beside serving: it ends with the run, and collects its garbage when told to. */
export function beBenchChild(): void {
  process.once('disconnect', () => process.exit(1));
  process.on(COLLECT_GARBAGE, () => globalThis.gc?.());
}
