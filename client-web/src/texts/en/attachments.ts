import { isolated } from './grammar.ts';

import type { ErrorCode } from '@parley/common';

const files = (count: number) => (count === 1 ? '1 file' : `${count.toLocaleString('en')} files`);

/** Error texts for files where they differ from those for text messages. */
const errors: Partial<Record<ErrorCode, string>> = {
  upload_incomplete: 'Choose this file again to continue.',
  upload_mismatch: 'The file changed during the upload.',
  quota_exceeded: 'You have reached the daily upload limit. Try again tomorrow.',
  limit_reached: 'Too many of your files are being uploaded. Try again in a moment.',
  payload_too_large: 'This file is larger than 2 GB.',
  unsupported_media_type: 'Files of this type cannot be sent.',
  unavailable: 'Files cannot be sent right now.',
  not_found: 'The file or the conversation no longer exists.',
};

/** Texts about files. */
export const attachments = {
  errors,
  attach: 'Attach files',
  drop: 'Drop files here to send them',
  noFolders: 'Folders cannot be sent. Choose the files in them.',
  photo: 'Photo',
  video: 'Video',
  audio: 'Audio',
  sendTitle: (count: number) => `Send ${files(count)}`,
  caption: 'Caption',
  captionPlaceholder: 'Add a caption',
  addMore: 'Add more',
  removePlace: 'Remove location',
  removePlaceHint: 'Photos and videos may say where they were taken.',
  removeFile: (name: string) => isolated`Remove ${name}`,
  tooLarge: 'Larger than 2 GB: it will not be sent.',
  empty: 'Empty: it will not be sent.',
  preparing: 'Preparing…',
  send: 'Send',
  cancelUpload: (percent: number) => `Cancel upload, ${percent} % sent`,
  phases: {
    waiting: 'Waiting…',
    sending: (sent: string, size: string) => `${sent} of ${size}`,
    paused: 'Paused',
    checking: 'Almost there…',
  },
  chooseAgain: 'Choose the file',
  notTheSame: 'This is a different file. Choose the one you sent.',
  open: (what: string) => isolated`Open ${what}`,
  download: 'Download',
  downloadName: (name: string) => isolated`Download ${name}`,
  gone: 'The file could not be loaded.',
  heavy: (pixels: string, size: string) => `Very large picture, ${pixels} pixels, ${size}`,
  showHeavy: 'Show it',
  play: (name: string) => isolated`Play ${name}`,
  pause: (name: string) => isolated`Pause ${name}`,
  seek: 'Position',
  timeOf: (time: string, duration: string) => `${time} of ${duration}`,
  speed: (speed: number) => `Speed ${speed}×`,
  fullScreen: 'Full screen',
  viewer: 'Image viewer',
  position: (index: number, count: number) => `${index} of ${count}`,
  previous: 'Previous',
  next: 'Next',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  units: ['B', 'KB', 'MB', 'GB'] as readonly string[],
};
