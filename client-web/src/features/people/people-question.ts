import { codePoints, LIMITS } from '@parley/common';

/** The question that a text asks: an exact username after `@`, else a beginning; `null`: too short. */
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
