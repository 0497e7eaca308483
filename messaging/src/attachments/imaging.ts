import type sharpModule from 'sharp';
import type { AvailableFormatInfo, Sharp, SharpOptions } from 'sharp';

import type { Imaging } from './ports.ts';

/** Pixels of the longer side of a thumbnail. */
const SIDE = 512;
/** Pixels of an image at most, because decoding takes memory for each of them. */
const PIXELS = 50_000_000;
const QUALITY = 78;
/** Seconds that making one thumbnail may take. */
const TIMEOUT = 15;

const OPTIONS: SharpOptions = { limitInputPixels: PIXELS, sequentialRead: true, failOn: 'error' };

/** The decoders of libvips that may read uploads; all others are blocked. */
const DECODERS = ['Png', 'Jpeg', 'Nsgif', 'Webp', 'Heif', 'Tiff'].map(
  (format) => `VipsForeignLoad${format}`,
);

/** The endings of files by whose support the library says that it reads a type. */
const ENDINGS: ReadonlyMap<string, string> = new Map([
  ['image/png', '.png'],
  ['image/jpeg', '.jpg'],
  ['image/gif', '.gif'],
  ['image/webp', '.webp'],
  ['image/avif', '.avif'],
  ['image/tiff', '.tiff'],
  // HEVC has patents, so the library that npm installs lacks it; one that was built with it reads both.
  ['image/heic', '.heic'],
  ['image/heif', '.heic'],
]);

/** What the library does once it is loaded. */
type LoadedImaging = Pick<Imaging, 'dimensions' | 'thumbnail'> & {
  reads(contentType: string): boolean;
};

interface ImagingOptions {
  /** Called once, with the first image, where the library is not installed for this machine. */
  readonly onMissing?: () => void;
  /** Called when the library is installed and could not be loaded. The next image loads it again. */
  readonly onFault?: (error: unknown) => void;
  readonly importSharp?: () => Promise<{ readonly default: typeof sharpModule }>;
}

/** Reads images. The library is imported on demand, because a node that gets no images needs none of its memory. */
export function openImaging({
  importSharp = () => import('sharp'),
  onFault = () => undefined,
  onMissing = () => undefined,
}: ImagingOptions = {}): Imaging {
  let loading: Promise<LoadedImaging | undefined> | undefined;
  const loadOnce = async () => {
    try {
      return prepare((await importSharp()).default);
    } catch (error) {
      if (isNotInstalled(error)) onMissing();
      else {
        loading = undefined;
        onFault(error);
      }
      return undefined;
    }
  };
  const load = () => (loading ??= loadOnce());
  return {
    reads: async (contentType) =>
      ENDINGS.has(contentType) && (await load())?.reads(contentType) === true,
    dimensions: async (firstBytes) => (await load())?.dimensions(firstBytes) ?? null,
    thumbnail: async (image) => (await load())?.thumbnail(image) ?? null,
  };
}

/** The library's error where only its binary for this machine is missing; other errors have reasons after the first line. */
const NO_BINARY = /^Could not load the "sharp" module using the \S+ runtime\nPossible solutions:/;

function isNotInstalled(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return code === 'ERR_MODULE_NOT_FOUND' || NO_BINARY.test(String(message));
}

function prepare(sharp: typeof sharpModule): LoadedImaging {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: DECODERS });
  const formats: readonly AvailableFormatInfo[] = Object.values(sharp.format);
  const endings = new Set(formats.flatMap(({ input }) => input.fileSuffix ?? []));
  return {
    reads: (contentType) => endings.has(ENDINGS.get(contentType) ?? ''),
    async dimensions(firstBytes) {
      // Only the header is read, so a picture of any size may say how large it is.
      const read = sharp(firstBytes, { ...OPTIONS, failOn: 'none', limitInputPixels: false });
      const metadata = await orNull(read.metadata());
      const { height, width } = metadata?.autoOrient ?? {};
      return width === undefined || height === undefined ? null : { width, height };
    },
    thumbnail: (image) => orNull(shrink(sharp(image, OPTIONS))),
  };
}

/** Rotates, scales and encodes an image. `sharp` drops its metadata by default. */
async function shrink(image: Sharp): Promise<Uint8Array> {
  return image
    .autoOrient()
    .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: QUALITY })
    .timeout({ seconds: TIMEOUT })
    .toBuffer();
}

async function orNull<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading;
  } catch {
    return null;
  }
}
