import { HOUR, SECOND } from '@parley/common';

/** What pages of ours may do at a store, in the words of its CORS rules. */
export const UPLOAD_RULES = {
  methods: ['GET', 'HEAD', 'PUT'],
  headers: ['content-type', 'if-none-match', 'x-amz-checksum-sha256', 'range'],
  /** Completing an upload in parts names them by it. */
  exposed: ['ETag'],
  maxAgeSeconds: HOUR / SECOND,
} as const;
