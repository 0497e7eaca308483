import { AppError, SECOND } from '@parley/common';

/** For users who may not know that an attachment exists, and for deleted attachments. */
export function noAttachment(): AppError {
  return new AppError('not_found', 'The attachment does not exist');
}

/** No object store is configured. */
export function noStore(): AppError {
  return new AppError('unavailable', 'Attachments are not configured on this server', {
    retryable: false,
  });
}

/** Another check of the upload is in progress. */
export function checkInProgress(): AppError {
  return new AppError('conflict', 'The upload is being checked', {
    retryable: true,
    retryAfterMs: SECOND,
  });
}

const MISMATCH = {
  size: 'The file does not have the announced length',
  checksum: 'The file does not have the announced checksum',
  upload: 'The upload ended before it was complete',
};

/** The stored object is not what was announced. */
export function mismatch(why: keyof typeof MISMATCH): AppError {
  return new AppError('upload_mismatch', MISMATCH[why]);
}
