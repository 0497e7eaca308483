import { bytesOf, type Draft } from './patches.ts';

const SIGNATURE = 8;
/** A chunk has a length and a name before its data, and a checksum behind them. */
const AROUND = 12;

/** Chunks that may hold Exif or XMP in packed form: keyword, and for `iTXt` the mark that the text is packed. */
const PACKED = {
  // eslint-disable-next-line no-control-regex -- the mark is a byte
  iTXt: /^XML:com\.adobe\.xmp\0\u0001/,
  zTXt: /^(?:XML:com\.adobe\.xmp|Raw profile type (?:exif|APP1|xmp|iptc|8bim))\0/,
};
const NOTE = 'Comment\0';

/** Replaces packed Exif and XMP, in which nothing can be searched, by a blank comment. */
export function dropPacked(draft: Draft): void {
  for (const [type, pattern] of Object.entries(PACKED)) {
    for (const at of draft.findAll(type)) {
      if (!pattern.test(draft.text(at + 4, at + 40))) continue;
      const end = at + 4 + draft.view.getUint32(at - 4);
      if (end + 4 > draft.bytes.length) continue;
      draft.write(at, bytesOf(`tEXt${NOTE}`));
      draft.fill(at + 4 + NOTE.length, end, 0x20);
    }
  }
}

/** Writes the checksums of the chunks of a PNG that were changed. */
export function renewChecksums(draft: Draft): void {
  const { bytes, view } = draft;
  let at = SIGNATURE;
  while (at + AROUND <= bytes.length) {
    const end = at + AROUND + view.getUint32(at);
    if (end > bytes.length) return;
    if (draft.isChanged(at, end)) {
      const checksum = new Uint8Array(4);
      new DataView(checksum.buffer).setUint32(0, crc32(bytes.subarray(at + 4, end - 4)));
      draft.write(end - 4, checksum);
    }
    at = end;
  }
}

/** The checksum of PNG and ZIP. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
