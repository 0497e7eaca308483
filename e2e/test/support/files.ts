import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';

import type { Looking } from './browser.ts';

/** A picture of one colour, as a PNG. */
export function png(
  width: number,
  height: number,
  [red, green, blue]: [number, number, number],
): Buffer {
  const row = Buffer.concat([
    Buffer.of(0),
    ...Array.from({ length: width }, () => Buffer.of(red, green, blue)),
  ]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  return encode({ width, height, rows });
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Each row begins with its filter. */
  readonly rows: Buffer;
}

function encode(pixels: Pixels, { colours, depth } = { depth: 8, colours: 2 }): Buffer {
  const { height, rows, width } = pixels;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, colours, 0, 0, 0], 8);
  const parts = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.of())];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

/** A PNG of one bit for each pixel, black and white. */
export function bits(pixels: Pixels): Buffer {
  return encode(pixels, { depth: 1, colours: 0 });
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A file that a page picks. */
export interface Given {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A picture that a page picks. */
export const picture = (name: string, width = 640, height = 360): Given => {
  return { name, mimeType: 'image/png', buffer: png(width, height, [20, 120, 110]) };
};

/** A picture that cannot be compressed, so that its file is large. */
export function noise(name: string, width: number, height: number): Given {
  const rows = Buffer.concat(
    Array.from({ length: height }, () => Buffer.concat([Buffer.of(0), randomBytes(width * 3)])),
  );
  return { name, mimeType: 'image/png', buffer: encode({ width, height, rows }) };
}

/** Picks files and waits until the dialog shows them. */
export async function pick(
  { page }: Looking,
  files: Given | readonly Given[] | string,
): Promise<void> {
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach files' }).click();
  const chooser = await choosing;
  await chooser.setFiles(files);
  await page.getByRole('dialog', { name: /^Send / }).waitFor();
}

/** Like `pick`, for Firefox, where a file dialog that a script has answered stays open and blocks the next one. */
export async function give({ page }: Looking, files: Given | readonly Given[]): Promise<void> {
  await page.locator('.composer input[type=file]').setInputFiles(files);
  await page.getByRole('dialog', { name: /^Send / }).waitFor();
}

/** Sends the picked files. */
export async function send({ page }: Looking, caption = ''): Promise<void> {
  await page.getByRole('textbox', { name: 'Caption' }).fill(caption);
  await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** The pictures of the open conversation. */
export const pictures = ({ page }: Looking) => page.getByRole('button', { name: /^Open Photo/ });

/** Waits until a picture is drawn. Returns its natural size in pixels. */
export async function drawn(
  looking: Looking,
  index: number,
): Promise<{ width: number; height: number }> {
  const image = pictures(looking).nth(index).locator('img');
  await image.waitFor();
  await looking.page.waitForFunction(
    (nth) => {
      const found = document.querySelectorAll<HTMLImageElement>('.media-open img')[nth];
      return found !== undefined && found.complete && found.naturalWidth > 0;
    },
    index,
    { timeout: 20_000 },
  );
  return image.evaluate((element: HTMLImageElement) => {
    return { width: element.naturalWidth, height: element.naturalHeight };
  });
}
