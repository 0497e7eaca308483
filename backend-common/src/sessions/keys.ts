import { hkdfSync } from 'node:crypto';

/** Derives the key of one purpose from the shared secret (HKDF-SHA-256, RFC 5869), 32 bytes. */
export function deriveKey(secret: string, label: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'parley', label, 32));
}
