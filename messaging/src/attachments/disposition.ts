/**
 * `Content-Disposition` with a file's own name (RFC 6266): in ASCII for what knows no better, and as it is (RFC 8187).
 * @param how - shown in place, or saved
 */
export function contentDisposition(how: 'inline' | 'attachment', name: string): string {
  return `${how}; filename="${plain(name)}"; filename*=UTF-8''${encoded(name)}`;
}

/** What is left of a name in ASCII; quotes, backslashes and percent signs are read in different ways. */
function plain(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^\u0020-\u007e]/gu, '_')
    .replace(/["\\%]/g, '_');
}

function encoded(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
