import { readFileSync } from 'node:fs';
import sharp from 'sharp';

import type { TestFile } from './attachment-node.ts';

const FOLDER = new URL('./files/', import.meta.url);

/** A small real file of the folder beside this one. */
export function fixture(name: string, contentType: string): TestFile {
  return { name, contentType, bytes: readFileSync(new URL(name, FOLDER)) };
}

/** A picture of one colour. */
export async function picture(
  format: 'png' | 'jpeg' | 'webp' | 'avif' | 'tiff',
  { width = 1_200, height = 800 } = {},
): Promise<TestFile> {
  const image = sharp({ create: { width, height, channels: 3, background: '#2a6' } });
  const bytes = await image.toFormat(format).toBuffer();
  return { name: `green.${format}`, contentType: `image/${format}`, bytes };
}

/** A photograph as a phone makes it: lying on its side, with the place where it was taken. */
export async function photograph(): Promise<TestFile> {
  const image = sharp({ create: { width: 900, height: 600, channels: 3, background: '#e83' } });
  const exif = {
    IFD0: { Make: 'Planted Camera' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1' },
  };
  const bytes = await image.jpeg().withExif(exif).withMetadata({ orientation: 6 }).toBuffer();
  return { name: 'photo.jpg', contentType: 'image/jpeg', bytes };
}

export function text(content: string, name = 'note.txt', contentType = 'text/plain'): TestFile {
  return { name, contentType, bytes: Buffer.from(content) };
}

/** The least that is a PDF. */
export function pdf(): TestFile {
  const content = '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF';
  return text(content, 'paper.pdf', 'application/pdf');
}

/** An empty ZIP file. */
export function zip(): TestFile {
  const bytes = Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]);
  return { name: 'all.zip', contentType: 'application/zip', bytes };
}

export function svg(): TestFile {
  const content = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  return text(content, 'drawing.svg', 'image/svg+xml');
}

export function html(): TestFile {
  return text('<!doctype html><script>alert(1)</script>', 'page.html', 'text/html');
}

/** A picture of a few kilobytes that takes gigabytes of memory as pixels. */
export async function bomb(): Promise<TestFile> {
  const image = sharp({
    create: { width: 16_000, height: 16_000, channels: 3, background: '#000' },
    limitInputPixels: false,
  });
  const bytes = await image.png({ compressionLevel: 9 }).toBuffer();
  return { name: 'bomb.png', contentType: 'image/png', bytes };
}
