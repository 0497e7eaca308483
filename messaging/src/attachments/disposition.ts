/**
 * The `Content-Disposition` header (RFC 6266) with the name of a file: in ASCII for old clients, and complete (RFC 8187).
 * @param how - `inline`: shown in place; `attachment`: saved
 */
export function contentDisposition(how: 'inline' | 'attachment', name: string): string {
  return `${how}; filename="${plain(name)}"; filename*=UTF-8''${encoded(name)}`;
}

/** A name in ASCII, without quotes, backslashes and percent signs, which clients read in different ways. */
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
