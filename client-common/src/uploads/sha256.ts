import { CLIENT_LIMITS } from '@parley/common';

import type { UploadFile } from './types.ts';

interface Readable extends UploadFile {
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface Scope {
  readonly crypto?: {
    readonly subtle?: { digest(name: 'SHA-256', bytes: ArrayBuffer): Promise<ArrayBuffer> };
  };
}

/** SHA-256 in hexadecimal digits; `null` for a file of more than one request, or without WebCrypto. */
export async function sha256(file: UploadFile): Promise<string | null> {
  const { crypto } = globalThis as unknown as Scope;
  if (crypto?.subtle === undefined || file.size > CLIENT_LIMITS.attachmentPartBytes) return null;
  const digest = await crypto.subtle.digest('SHA-256', await (file as Readable).arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
