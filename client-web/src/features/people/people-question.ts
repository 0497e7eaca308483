import { codePoints, LIMITS } from '@parley/common';

/** The search query for a text: an exact username after `@`, otherwise a prefix; `null` if too short. */
export function questionOf(
  text: string,
): { readonly username: string } | { readonly prefix: string } | null {
  const query = text.trim();
  if (query.startsWith('@')) {
    const username = query.slice(1).toLowerCase();
    return username.length < LIMITS.usernameMin || username.length > LIMITS.usernameMax
      ? null
      : { username };
  }
  const length = codePoints(query);
  return length < LIMITS.searchPrefixMin || length > LIMITS.displayNameMax
    ? null
    : { prefix: query };
}
