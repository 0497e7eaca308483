/** Makes names of objects that say nothing of what they hold, and that nobody guesses. */
export type NewKey = () => string;

/** @param random - fills 24 bytes with randomness */
export function createKeys(random: (bytes: number) => Buffer): NewKey {
  return () => random(24).toString('base64url');
}
