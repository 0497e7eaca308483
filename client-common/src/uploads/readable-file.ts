import { AppError } from '@parley/common';

import type { Transfer } from './transfer.ts';
import type { UploadFile } from './types.ts';

/** Throws `upload_incomplete` if the device cannot read the file: it was deleted or changed, or is a folder. */
export async function requireReadable(transfer: Transfer, file: UploadFile): Promise<void> {
  try {
    await transfer.check?.(file);
  } catch (cause) {
    throw new AppError('upload_incomplete', 'The file cannot be read', { cause });
  }
}
