import { withoutPlace } from '@parley/client-common/metadata';

import { safeStorage } from '../../session/safe-storage.ts';

type Kept = Pick<Storage, 'getItem' | 'removeItem' | 'setItem'>;

const KEY = 'parley:keep-place';
/** Names of files for which some browsers know no type. */
const PICTURES = /\.(?:heic|heif|avif|dng|jpe?g|tiff?|mov|mp4)$/i;

const kept = (): Kept => safeStorage(() => localStorage);

/** Whether the place is taken out of files before they are sent: on, unless the user turned it off on this device. */
export function removesPlace(storage: Kept = kept()): boolean {
  return storage.getItem(KEY) === null;
}

/** Keeps the choice on this device. */
export function keepPlaceChoice(removes: boolean, storage: Kept = kept()): void {
  if (removes) storage.removeItem(KEY);
  else storage.setItem(KEY, 'yes');
}

/** Whether a file is of a kind that can name the place where it was taken. */
export function mayNamePlace({ name, type }: Pick<File, 'name' | 'type'>): boolean {
  return /^(?:image|video)\//.test(type) || PICTURES.test(name);
}

/** The file that is sent: without the place where it was taken, if the user wants that. */
export async function fileToSend(file: File, removes: boolean = removesPlace()): Promise<File> {
  if (!removes) return file;
  try {
    const parts = await withoutPlace(file);
    if (parts === null) return file;
    const { lastModified, name, type } = file;
    return new File(parts as BlobPart[], name, { lastModified, type });
  } catch {
    // The browser cannot read it, which the upload says as well.
    return file;
  }
}
