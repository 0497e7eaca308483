import type { Metrics } from '@parley/backend-common';

import { OPAQUE_TYPE } from './media-types.ts';

/** The metrics of attachments. */
export interface AttachmentMetrics {
  /** Counts a change in the life of an attachment, or the result of a check. */
  count(event: 'created' | 'ready' | 'mismatch' | 'incomplete' | 'sent' | 'removed'): void;
  /** Counts the bytes of a file that passed its check. */
  countBytes(bytes: number): void;
  /** Counts how the recognised type of a file compares with the announced one; both canonical. */
  countType(recognised: string, announced: string): void;
  /** Measures a check; call the result when the check ends. */
  timeCheck(): () => void;
  countThumbnail(result: 'made' | 'failed' | 'dropped'): void;
  /** Reports how many images wait for their thumbnail. */
  observeThumbnailQueue(waiting: () => number): void;
}

/** Declares the metrics of attachments. */
export function createAttachmentMetrics(metrics: Metrics): AttachmentMetrics {
  const events = metrics.counter(
    'parley_attachments_total',
    'Attachments by what happened to them',
    { event: ['created', 'ready', 'mismatch', 'incomplete', 'sent', 'removed'] },
  );
  const bytes = metrics.counter(
    'parley_attachment_bytes_total',
    'Bytes of attachments that passed their check',
  );
  const types = metrics.counter(
    'parley_attachment_types_total',
    'Attachments that passed their check by how their type was found',
    { result: ['announced', 'corrected', 'unrecognised'] },
  );
  const checks = metrics.duration(
    'parley_attachment_check_seconds',
    'Duration of one check of an upload',
  );
  const thumbnails = metrics.counter('parley_thumbnails_total', 'Thumbnails by result', {
    result: ['made', 'failed', 'dropped'],
  });
  return {
    count: (event) => events.inc({ event }),
    countBytes: (count) => bytes.inc(count),
    countType: (recognised, announced) => {
      if (recognised === announced) types.inc({ result: 'announced' });
      else types.inc({ result: recognised === OPAQUE_TYPE ? 'unrecognised' : 'corrected' });
    },
    timeCheck: () => checks.startTimer(),
    countThumbnail: (result) => thumbnails.inc({ result }),
    observeThumbnailQueue: (waiting) =>
      metrics.observed('parley_thumbnail_queue', 'Images that wait for their thumbnail', waiting),
  };
}
