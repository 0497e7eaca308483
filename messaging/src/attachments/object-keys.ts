/** Creates a key for an object: random, so it cannot be guessed and says nothing of the content. */
export type NewKey = () => string;

/** @param random - returns the given number of random bytes */
export function createKeys(random: (bytes: number) => Buffer): NewKey {
  return () => random(24).toString('base64url');
}
