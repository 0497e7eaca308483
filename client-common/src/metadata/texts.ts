import type { Draft } from './patches.ts';

const BLANK = 0x20;
/** Bytes of an XMP packet at most. */
const PACKET = 1_000_000;
/** Properties of XMP that name a place; values of coordinates and of names of places alike. */
const PLACE =
  '(?:exif:GPS\\w+|photoshop:(?:City|State|Country)|Iptc4xmpCore:(?:Location|CountryCode)|[\\w-]+:(?:Sublocation|City|ProvinceState|CountryName|LocationName|WorldRegion))';
const XMP = [
  new RegExp(`\\b${PLACE}\\s*=\\s*"([^"]*)"`, 'g'),
  new RegExp(`\\b${PLACE}\\s*=\\s*'([^']*)'`, 'g'),
  new RegExp(`<${PLACE}(?:\\s[^>]*)?>([^<]*)<`, 'g'),
];
/** Data sets of IPTC that name a place: city, part of it, province, country. */
const IPTC = new Set([26, 27, 90, 92, 95, 100, 101]);

/** Blanks what XMP and IPTC say about the place. */
export function blankWrittenPlaces(draft: Draft): void {
  for (const start of draft.findAll('<x:xmpmeta')) blankXmp(draft, start);
  for (const start of draft.findAll('8BIM\u0004\u0004')) blankIptc(draft, start);
}

function blankXmp(draft: Draft, start: number): void {
  const end = draft.find('</x:xmpmeta', start);
  if (end === -1 || end - start > PACKET) return;
  const packet = draft.text(start, end);
  for (const pattern of XMP) {
    for (const found of packet.matchAll(pattern)) {
      const [whole, value = ''] = found;
      const at = start + found.index + whole.length - 1 - value.length;
      if (value.length > 0) draft.fill(at, at + value.length, BLANK);
    }
  }
}

/** Reads the data sets behind the head of the block of Photoshop: a name, padded to an even length, and a size. */
function blankIptc(draft: Draft, start: number): void {
  const { bytes, view } = draft;
  const name = bytes[start + 6] ?? 0;
  let at = start + 6 + name + 1 + ((name + 1) % 2);
  if (at + 4 > bytes.length) return;
  const end = Math.min(bytes.length, at + 4 + view.getUint32(at));
  for (at += 4; at + 5 <= end && bytes[at] === 0x1c;) {
    const length = view.getUint16(at + 3);
    const value = at + 5;
    if (length > 0x7fff || value + length > end) return;
    if (bytes[at + 1] === 2 && IPTC.has(bytes[at + 2] ?? 0)) {
      draft.fill(value, value + length, BLANK);
    }
    at = value + length;
  }
}
