/** Calls a function after `delay` milliseconds; the answer cancels that. Must not keep the process alive. */
export type SetTimer = (run: () => void, delay: number) => () => void;

/** Node's own timers. */
export function setNodeTimer(run: () => void, delay: number): () => void {
  const timer = setTimeout(run, delay).unref();
  return () => clearTimeout(timer);
}
