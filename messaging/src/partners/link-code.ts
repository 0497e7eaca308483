import { createHmac } from 'node:crypto';

/** Without what is mistaken for something else when it is read out: 0 and O, 1, I and L, and U. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;
const SHAPE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** A code of 8 letters and digits, each drawn by `random(n)`: a whole number below `n`. */
export function createLinkCode(random: (below: number) => number): string {
  const drawn = Array.from({ length: LENGTH }, () => ALPHABET.charAt(random(ALPHABET.length)));
  return drawn.join('');
}

/** A code as it is shown: `XXXX-XXXX`. */
export function showLinkCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** The code somebody typed: case, hyphens and spaces do not matter. `undefined` where it cannot be one. */
export function readLinkCode(typed: string): string | undefined {
  const code = typed.replace(/[-\s]/g, '').toUpperCase();
  return SHAPE.test(code) ? code : undefined;
}

/** What is stored of a code: without the key, all codes could be tried against it. */
export function hashLinkCode(code: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(code).digest('base64url');
}
