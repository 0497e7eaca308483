/** What a code is made of: no letter or digit that is taken for another. */
const LETTERS = /^[2-9A-HJKMNP-TV-Z]*$/;
const LENGTH = 8;

/** A code as somebody typed it: itself, or what is wrong with it. */
export type TypedCode = { readonly code: string } | { readonly fault: 'length' | 'letters' };

/** Reads a code in any case, with whatever spaces, hyphens and dashes stand in it. */
export function readLinkCode(text: string): TypedCode {
  const code = text
    .normalize('NFKC')
    .replace(/[\s\p{Dash}._]/gu, '')
    .toUpperCase();
  if (!LETTERS.test(code)) return { fault: 'letters' };
  return code.length === LENGTH ? { code } : { fault: 'length' };
}

/** Time that is left, as minutes and seconds. */
export function leftText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
