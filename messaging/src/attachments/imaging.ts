import type sharpModule from 'sharp';
import type { Sharp, SharpOptions } from 'sharp';

import type { Imaging } from './ports.ts';

/** Pixels of the longer side of a small picture. */
const SIDE = 512;
/** Pixels of a picture at most: what 50 megapixels take in memory, no file may exceed. */
const PIXELS = 50_000_000;
const QUALITY = 78;
/** Seconds after which a picture that does not come to an end is given up. */
const PATIENCE = 15;

const OPTIONS: SharpOptions = { limitInputPixels: PIXELS, sequentialRead: true, failOn: 'error' };

/** The readers that are let near what people upload; all others of libvips are closed. */
const READERS = ['Png', 'Jpeg', 'Nsgif', 'Webp', 'Heif'].map(
  (format) => `VipsForeignLoad${format}`,
);

/** What reads pictures, where `sharp` is installed for this machine; without it everything else works. */
export async function openImaging(): Promise<Imaging | undefined> {
  let sharp: typeof sharpModule;
  try {
    ({ default: sharp } = await import('sharp'));
  } catch {
    return undefined;
  }
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: READERS });
  return {
    async dimensions(beginning) {
      const read = sharp(beginning, { ...OPTIONS, failOn: 'none' });
      const metadata = await orNull(read.metadata());
      const { height, width } = metadata?.autoOrient ?? {};
      return width === undefined || height === undefined ? null : { width, height };
    },
    thumbnail: (picture) => orNull(shrink(sharp(picture, OPTIONS))),
  };
}

/** Upright, within bounds, and without metadata: `sharp` keeps none unless it is told to. */
async function shrink(picture: Sharp): Promise<Uint8Array> {
  return picture
    .autoOrient()
    .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: QUALITY })
    .timeout({ seconds: PATIENCE })
    .toBuffer();
}

async function orNull<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading;
  } catch {
    return null;
  }
}
