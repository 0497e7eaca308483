import { setTimeout as delay } from 'node:timers/promises';

/** Calls `look` every 20 ms until it returns a value; rejects after `within` milliseconds. */
export async function poll<Value>(
  look: () => Promise<Value | undefined> | Value | undefined,
  within = 50_000,
): Promise<Value> {
  const giveUpAt = performance.now() + within;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > giveUpAt) throw new Error(`There was no value: ${look.toString()}`);
    await delay(20);
  }
}
