const PATH = '/reset-password';

/** The token of a link for a new password; '' if the link is cut off, and `null` if the page is another one. */
export function resetTokenOf({
  hash,
  pathname,
}: Pick<Location, 'hash' | 'pathname'>): string | null {
  return pathname === PATH ? hash.slice(1) : null;
}
