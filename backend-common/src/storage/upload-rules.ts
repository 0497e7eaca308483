import { HOUR, SECOND } from '@parley/common';

/** The CORS rules of the bucket: what our web pages may send and read. */
export const UPLOAD_RULES = {
  methods: ['GET', 'HEAD', 'PUT'],
  headers: ['content-type', 'if-none-match', 'x-amz-checksum-sha256', 'range'],
  /** Needed to complete a multipart upload, which names each part by its etag. */
  exposed: ['ETag'],
  maxAgeSeconds: HOUR / SECOND,
} as const;
