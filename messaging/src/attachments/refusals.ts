import { AppError, SECOND } from '@parley/common';

/** For whoever may not know of an attachment, and for what is over. */
export function noAttachment(): AppError {
  return new AppError('not_found', 'The attachment does not exist');
}

/** Where no store is set up. */
export function noStore(): AppError {
  return new AppError('unavailable', 'Attachments are not set up on this server', {
    retryable: false,
  });
}

/** While somebody else checks it. */
export function busy(): AppError {
  return new AppError('conflict', 'The upload is being checked', {
    retryable: true,
    retryAfterMs: SECOND,
  });
}

const MISMATCH = {
  size: 'The file has another length than was announced',
  type: 'The file is not of the type that was announced',
  checksum: 'The file has another checksum than was announced',
  upload: 'The upload was ended before it was complete',
};

/** What is in the store is not what was announced. */
export function mismatch(why: keyof typeof MISMATCH): AppError {
  return new AppError('upload_mismatch', MISMATCH[why]);
}
