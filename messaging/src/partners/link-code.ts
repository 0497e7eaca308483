import { createHmac } from 'node:crypto';
import { deriveKey, type Secrets } from '@parley/backend-common';

/** Letters and digits that are hard to confuse when read aloud: without 0 and O, 1, I and L, and U. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;
const SHAPE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** A code of 8 characters. @param random - returns a random whole number from 0 to below its argument */
export function createLinkCode(random: (below: number) => number): string {
  const drawn = Array.from({ length: LENGTH }, () => ALPHABET.charAt(random(ALPHABET.length)));
  return drawn.join('');
}

/** Formats a code for display: `XXXX-XXXX`. */
export function showLinkCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** Parses a code as typed, ignoring case, hyphens and white space. `undefined` if it cannot be a code. */
export function readLinkCode(typed: string): string | undefined {
  const code = typed.replace(/[-\s]/g, '').toUpperCase();
  return SHAPE.test(code) ? code : undefined;
}

/** The stored forms of one code: by the key of the secret and, while the secret is being replaced, of the previous one. */
export type LinkCodeHashes = readonly [string, ...string[]];

/** Hashes codes with a key, because all possible codes could be hashed in short time without one. */
export class LinkCodeHasher {
  readonly #key: Uint8Array;
  readonly #previousKey: Uint8Array | undefined;

  constructor({ previous, secret }: Secrets) {
    this.#key = deriveKey(secret, 'link-code');
    this.#previousKey = previous === undefined ? undefined : deriveKey(previous, 'link-code');
  }

  hash(code: string): LinkCodeHashes {
    const current = hashWith(this.#key, code);
    return this.#previousKey === undefined
      ? [current]
      : [current, hashWith(this.#previousKey, code)];
  }
}

function hashWith(key: Uint8Array, code: string): string {
  return createHmac('sha256', key).update(code).digest('base64url');
}
