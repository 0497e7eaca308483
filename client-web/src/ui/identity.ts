import { graphemes } from '@parley/common';

const COLOURS = 10;

/** A colour number from 0 to 9, always the same for the same id. */
export function colourOf(id: string): number {
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) {
    hash = (Math.imul(hash, 31) + id.charCodeAt(index)) >>> 0;
  }
  return hash % COLOURS;
}

/** One or two initials of a name, from its first and last word that begin with a letter or digit. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/^@/, '')
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const named = words.filter((word) => /^[\p{L}\p{N}]/u.test(word));
  if (named.length === 0) return firstGrapheme(words[0]);
  const first = firstGrapheme(named[0]);
  const last = named.length > 1 ? firstGrapheme(named.at(-1)) : '';
  return (first + last).toLocaleUpperCase();
}

function firstGrapheme(word: string | undefined): string {
  if (word === undefined) return '';
  return graphemes(word).next().value ?? '';
}
