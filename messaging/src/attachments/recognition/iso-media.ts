/** Brands of still and moving pictures in the container of MP4. */
const PICTURES: readonly (readonly [type: string, brands: ReadonlySet<string>])[] = [
  ['image/avif', new Set(['avif', 'avis', 'avio'])],
  ['image/heic', new Set(['heic', 'heix', 'heim', 'heis'])],
  ['image/heic-sequence', new Set(['hevc', 'hevx', 'hevm', 'hevs'])],
  ['image/heif', new Set(['mif1', 'mif2', 'miaf', 'jpeg', 'j2ki', 'avci'])],
  ['image/heif-sequence', new Set(['msf1', 'jpgs', 'avcs'])],
];
/** Brands of files with sound only, whatever tracks of pictures they have. */
const SOUND = new Set(['M4A ', 'M4B ', 'M4P ', 'F4A ', 'F4B ', 'f4a ', 'f4b ']);
/** Brands that say: any player of MP4 can read it. */
const PLAIN = /^(?:iso[0-9a-m]|mp4[12]|avc1|dash|M4V |M4VH|M4VP|F4V |f4v )$/;
/** Codecs of early phones, which browsers do not play. */
const OLD_CODECS = /stsd[\s\S]{12}(?:samr|sawb|sqcp|s263|h263)/;
/** Codecs that browsers play in MP4, whatever the brand. */
const NEW_CODECS = /stsd[\s\S]{12}(?:avc[13]|hvc1|hev1|mp4v|mp4a)/;
const MOST_BRANDS = 64;

/**
 * The type of a file in the container of MP4 (ISO base media), by its brands and tracks. `undefined`: its
 * brands are unknown, and nothing says that it is a film or a sound.
 * @param announced - canonical; decides between sound and film only where the tracks are not among these bytes
 */
export function isoMediaType(bytes: Uint8Array, announced: string): string | undefined {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const brands = brandsOf(content);
  const [major = ''] = brands;
  const pictures = pictureType(brands);
  if (pictures !== undefined) return pictures;
  if (major === 'qt  ') return 'video/quicktime';
  const handlers = handlersOf(content);
  const medium = mediumOf(handlers, { major, announced });
  const isPlain = brands.some((brand) => PLAIN.test(brand)) || SOUND.has(major);
  if (/^3g[2a-z]/.test(major) && !isPlayable(content, isPlain)) {
    return `${medium}/${major.startsWith('3g2') ? '3gpp2' : '3gpp'}`;
  }
  const isKnown = isPlain || handlers.has('vide') || handlers.has('soun');
  return isKnown || /^(?:audio|video)\//.test(announced) ? `${medium}/mp4` : undefined;
}

/** Phones write the brands of 3GP into films that are MP4 in all else. */
function isPlayable(content: Buffer, isPlain: boolean): boolean {
  const start = content.toString('latin1');
  return !OLD_CODECS.test(start) && (isPlain || NEW_CODECS.test(start));
}

/** `mif1` says nothing of the coding, so that the other brands decide where there are some. */
function pictureType(brands: readonly string[]): string | undefined {
  const [major = ''] = brands;
  const first = PICTURES.find(([, of]) => of.has(major));
  if (first === undefined) return undefined;
  if (!first[0].startsWith('image/heif')) return first[0];
  return PICTURES.find(([, of]) => brands.some((brand) => of.has(brand)))?.[0];
}

function brandsOf(content: Buffer): string[] {
  if (content.toString('latin1', 4, 8) !== 'ftyp') return [];
  const size = content.readUInt32BE(0);
  const end = Math.min(size, content.length, 16 + 4 * MOST_BRANDS);
  const brands = [content.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(content.toString('latin1', at, at + 4));
  return brands;
}

function mediumOf(
  handlers: ReadonlySet<string>,
  { announced, major }: { readonly announced: string; readonly major: string },
): 'audio' | 'video' {
  if (SOUND.has(major)) return 'audio';
  if (handlers.has('vide')) return 'video';
  if (handlers.has('soun')) return 'audio';
  return announced.startsWith('audio/') ? 'audio' : 'video';
}

/** The kinds of tracks that the file has, as far as these bytes say it. */
function handlersOf(content: Buffer): Set<string> {
  const handlers = new Set<string>();
  for (let at = content.indexOf('hdlr'); at !== -1; at = content.indexOf('hdlr', at + 4)) {
    handlers.add(content.toString('latin1', at + 12, at + 16));
  }
  return handlers;
}
