import { SECOND } from './time.ts';

/**
 * The limits of the contract that a client keeps to by itself. They are apart from the others so that
 * bundlers leave those out of apps.
 */
export const CLIENT_LIMITS = {
  /** Room for `textMax` characters of which JSON escapes each: `\ud83d\ude00` is one emoji. */
  frameBytes: 128 * 1024,

  textMax: 10_000,
  textBytes: 40_000,

  attachmentBytes: 2 * 1024 ** 3,
  /** A larger file is uploaded in parts of this size; the last one may be smaller. */
  attachmentPartBytes: 16 * 1024 ** 2,
  attachmentNameBytes: 255,
  attachmentTypeMax: 127,

  receiptsInConversation: 50,
  unreadCountMax: 100,

  pageDefault: 50,
  pageMax: 200,

  watchedPerCall: 200,
  watchedPerSocket: 1_000,

  typingEvery: 2 * SECOND,
  clientAck: 10 * SECOND,
} as const;
