/** The characters of a code: no letter or digit that is easily confused with another. */
const LETTERS = /^[2-9A-HJKMNP-TV-Z]*$/;
const LENGTH = 8;

/** The normalized code, or what is wrong with it. */
export type TypedCode = { readonly code: string } | { readonly fault: 'length' | 'letters' };

/** Normalizes a typed code: ignores case, spaces, hyphens and dashes. */
export function readLinkCode(text: string): TypedCode {
  const code = text
    .normalize('NFKC')
    .replace(/[\s\p{Dash}._]/gu, '')
    .toUpperCase();
  if (!LETTERS.test(code)) return { fault: 'letters' };
  return code.length === LENGTH ? { code } : { fault: 'length' };
}

/** Formats the remaining time as minutes and seconds. */
export function leftText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
