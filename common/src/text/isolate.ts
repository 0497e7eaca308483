const FIRST_STRONG_ISOLATE = '\u2068';
const POP_DIRECTIONAL_ISOLATE = '\u2069';
/** Letters that are written from right to left, and characters that change the direction. */
const CHANGES_DIRECTION =
  /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A name or another's text inside a sentence that runs from left to right: its direction does not change the order of
 * the words around it (UAX 9). What runs from left to right itself stays as it is. For text without markup; in HTML,
 * `<bdi>` does the same.
 */
export function isolate(name: string): string {
  const isIsolated =
    name.startsWith(FIRST_STRONG_ISOLATE) && name.endsWith(POP_DIRECTIONAL_ISOLATE);
  if (isIsolated || !CHANGES_DIRECTION.test(name)) return name;
  return `${FIRST_STRONG_ISOLATE}${name}${POP_DIRECTIONAL_ISOLATE}`;
}
