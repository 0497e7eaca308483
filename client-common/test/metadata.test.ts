import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';

import { placePatches, withoutPlace } from '../src/metadata/index.ts';

const SECRETS = ['52/1 31/1', 'Kreuzberg', '52,31.2N', '+52.5200+013.4050/'];
const EXIF = {
  IFD0: { Make: 'Planted Camera' },
  IFD2: { DateTimeOriginal: '2026:01:02 03:04:05' },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1', GPSLongitude: '13/1 24/1 18/1' },
};
const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="52,31.2N"
  photoshop:City='Kreuzberg' dc:title="A day"><exif:GPSLongitude>13,24.3E</exif:GPSLongitude>
  <Iptc4xmpExt:City>Kreuzberg</Iptc4xmpExt:City></rdf:Description></rdf:RDF></x:xmpmeta>`;

const image = () => sharp({ create: { width: 90, height: 60, channels: 3, background: '#e83' } });
const photo = (format: 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff') =>
  image()
    .withMetadata({ orientation: 6 })
    .withExifMerge(EXIF)
    .withXmp(XMP)
    .toFormat(format)
    .toBuffer();
const blobOf = (bytes: Uint8Array) => new Blob([Uint8Array.from(bytes)]);

/** The bytes that are sent instead of a file. */
async function sent(bytes: Uint8Array): Promise<Buffer> {
  const parts = await withoutPlace(blobOf(bytes));
  if (parts === null) return Buffer.from(bytes);
  return Buffer.from(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/** The entry of a directory of Exif. */
const gpsPointer = (exif: Buffer | undefined) =>
  exif?.includes(Buffer.from([0x88, 0x25])) === true ||
  exif?.includes(Buffer.from([0x25, 0x88])) === true;

function box(type: string, ...content: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(content.map((each) => Buffer.from(each as string, 'latin1')));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

describe('withoutPlace', () => {
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const) {
    it(`takes the place out of ${format}, and leaves everything else`, async () => {
      const before = await photo(format);
      const after = await sent(before);
      const [was, is] = [await sharp(before).metadata(), await sharp(after).metadata()];
      assert.ok(gpsPointer(was.exif) || format === 'tiff', 'the picture names a place');
      assert.ok(!gpsPointer(is.exif));
      assert.equal(after.length, before.length);
      for (const secret of SECRETS) assert.ok(!after.includes(secret), secret);
      for (const kept of ['Planted Camera', 'dc:title="A day"']) {
        assert.equal(after.includes(kept), before.includes(kept), kept);
      }
      assert.deepEqual(
        [is.orientation, is.width, is.height, is.hasProfile],
        [was.orientation, was.width, was.height, was.hasProfile],
      );
      const pixels = (bytes: Buffer) => sharp(bytes).raw().toBuffer();
      assert.deepEqual(await pixels(after), await pixels(before));
    });
  }

  it('keeps the checksums of a PNG right', async () => {
    const bytes = await sent(await photo('png'));
    let chunks = 0;
    for (let at = 8; at < bytes.length; chunks += 1) {
      const end = at + 8 + bytes.readUInt32BE(at);
      assert.equal(
        bytes.readUInt32BE(end),
        crc32(bytes.subarray(at + 4, end)),
        bytes.toString('latin1', at + 4, at + 8),
      );
      at = end + 4;
    }
    assert.ok(chunks >= 4);
  });

  it('drops the packed XMP and Exif of a PNG, in which it cannot look', async () => {
    const chunk = (type: string, data: string) => {
      const body = Buffer.from(type + data, 'latin1');
      const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
      length.writeUInt32BE(data.length);
      sum.writeUInt32BE(crc32(body));
      return Buffer.concat([length, body, sum]);
    };
    const plain = await image().png().toBuffer();
    const head = plain.subarray(0, 33);
    const packed = chunk('iTXt', 'XML:com.adobe.xmp\0\u0001\0\0\0packed XMP');
    const profile = chunk('zTXt', 'Raw profile type exif\0\0packed Exif');
    const note = chunk('zTXt', 'Note\0\0packed note');
    const after = await sent(Buffer.concat([head, packed, profile, note, plain.subarray(33)]));
    assert.ok(!after.includes('packed XMP') && !after.includes('packed Exif'));
    assert.ok(after.includes('packed note'));
    assert.equal((await sharp(after).metadata()).width, 90);
  });

  it('takes it out of a second picture, and of a film behind a picture', async () => {
    const movie = box(
      'moov',
      box('udta', box('\u00a9xyz', '\0\u0012\u0015\u00c7+52.5200+013.4050/')),
    );
    const one = await photo('jpeg');
    const after = await sent(Buffer.concat([one, one, movie]));
    for (const secret of SECRETS) assert.ok(!after.includes(secret), secret);
    const second = after.subarray(one.length, 2 * one.length);
    assert.ok(!gpsPointer((await sharp(second).metadata()).exif));
  });

  it('takes it out of the IPTC block of a JPEG', async () => {
    const set = (number: number, value: string) =>
      Buffer.concat([Buffer.from([0x1c, 2, number, 0, value.length]), Buffer.from(value)]);
    const sets = Buffer.concat([set(5, 'A day'), set(90, 'Kreuzberg'), set(101, 'Germany')]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(sets.length);
    const block = Buffer.concat([
      ...[Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0', 'latin1'), size, sets],
    ]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(block.length + 2);
    const plain = await image().jpeg().toBuffer();
    const segment = Buffer.concat([Buffer.from([0xff, 0xed]), length, block]);
    const after = await sent(Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]));
    assert.ok(after.includes('A day'));
    assert.ok(!after.includes('Kreuzberg') && !after.includes('Germany'));
    assert.equal((await sharp(after).metadata()).width, 90);
  });

  it('takes it out of films, wherever their description stands, and reads no more than that', async () => {
    const place = box('\u00a9xyz', '\0\u0012\u0015\u00c7+52.5200+013.4050/');
    const apple = box('meta', box('data', '\0\0\0\u0001\0\0\0\0+52.5200+013.4050+034.512/'));
    const loci = box('loci', '\0\0\0\0\u0015\u00c7Kreuzberg\0\0\0\0\0\0\0\0');
    const description = box(
      'moov',
      box('mvhd', Buffer.alloc(100)),
      box('udta', place, apple, loci),
    );
    const ftyp = box('ftyp', 'isom\0\0\u0002\0isom');
    const pictures = box('mdat', Buffer.alloc(500_000, 7));
    for (const film of [
      [ftyp, description, pictures],
      [ftyp, pictures, description],
      [box('wide'), pictures, description],
    ]) {
      const before = Buffer.concat(film);
      let read = 0;
      const patches = await placePatches({
        size: before.length,
        read: (start, end) => {
          read += end - start;
          return Promise.resolve(before.subarray(start, end));
        },
      });
      assert.ok(patches.length > 0 && read < 5_000, `${read} bytes`);
      const after = await sent(before);
      assert.equal(after.length, before.length);
      for (const secret of SECRETS) assert.ok(!after.includes(secret), secret);
      assert.ok(after.includes(pictures));
    }
  });

  it('leaves files without a place, other files and damaged ones as they are', async () => {
    const plain = await image().jpeg().toBuffer();
    const text = Buffer.from('GPSLatitude="52,31.2N" +52.5200+013.4050/');
    const clip = readFileSync(
      new URL('../../messaging/test/support/files/clip.mp4', import.meta.url),
    );
    for (const bytes of [plain, text, clip, Buffer.alloc(0), Buffer.from([0xff, 0xd8, 0xff])]) {
      assert.equal(await withoutPlace(blobOf(bytes)), null);
    }
  });

  it('survives any cut and any changed byte', async () => {
    const jpeg = await photo('jpeg');
    for (let at = 0; at < Math.min(jpeg.length, 1_500); at += 3) {
      const changed = Buffer.from(jpeg);
      changed[at] = 0xff;
      assert.equal((await sent(changed)).length, jpeg.length);
      assert.equal((await sent(jpeg.subarray(0, at))).length, at);
    }
  });
});
