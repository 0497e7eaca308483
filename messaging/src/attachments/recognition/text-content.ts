/** Whether bytes are text: `certain` in UTF-8 or UTF-16, `likely` in an older encoding, which has no marks of its own. */
export type TextLikeness = 'certain' | 'likely' | 'none';

/** Control characters that text files contain: tab, line feed, form feed, carriage return, Ctrl+Z of DOS, escape. */
const ALLOWED = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1a, 0x1b]);

/**
 * Says whether bytes are text. Every binary format that is shown in place has control characters or bytes that are no
 * UTF-8 near its start, so text that begins like one (`GIF89a`, `RIFF`, `BM`) is not taken for it.
 * @param isWhole - whether these are all bytes of the file, so that the last character must be complete
 */
export function textLikeness(bytes: Uint8Array, isWhole: boolean): TextLikeness {
  const utf16 = utf16Of(bytes);
  if (utf16 !== undefined) return isUtf16Text(bytes, utf16) ? 'certain' : 'none';
  for (const byte of bytes) {
    if ((byte < 0x20 && !ALLOWED.has(byte)) || byte === 0x7f) return 'none';
  }
  return isUtf8(bytes, isWhole) ? 'certain' : 'likely';
}

/** The start of a text as a string, without byte order mark; bytes of an older encoding become U+FFFD. */
export function decodeStart(bytes: Uint8Array, most: number): string {
  return new TextDecoder(utf16Of(bytes) ?? 'utf-8').decode(bytes.subarray(0, most));
}

function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** MP3 and ADTS frames may begin like the mark of UTF-16, but have control characters when they are read so. */
function isUtf16Text(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): boolean {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2));
  try {
    const decoded = new TextDecoder(encoding, { fatal: true }).decode(whole, { stream: true });
    // eslint-disable-next-line no-control-regex -- these characters are not in a text
    return !/[\u0000-\u0008\u000b\u000e-\u0019\u001c-\u001f\u007f\uffff]/.test(decoded);
  } catch {
    return false;
  }
}

function isUtf8(bytes: Uint8Array, isWhole: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}
