import type { Metrics } from '@parley/backend-common';

/** What operators see of attachments. */
export interface AttachmentMetrics {
  /** Counts what happens to attachments. */
  count(event: 'created' | 'ready' | 'mismatch' | 'incomplete' | 'sent' | 'removed'): void;
  /** Counts the bytes of files that were found to be what was announced. */
  countBytes(bytes: number): void;
  /** Times a check; call the answer when it has ended. */
  startCheck(): () => void;
  countThumbnail(result: 'made' | 'failed' | 'dropped'): void;
  /** Shows how many pictures wait to be made small. */
  observeQueue(waiting: () => number): void;
}

/** Declares the metrics of attachments. */
export function createAttachmentMetrics(metrics: Metrics): AttachmentMetrics {
  const events = metrics.counter('parley_attachments_total', 'What became of attachments', [
    'event',
  ]);
  const bytes = metrics.counter('parley_attachment_bytes_total', 'Bytes of checked attachments');
  const checks = metrics.duration('parley_attachment_check_seconds', 'Time of one check');
  const thumbnails = metrics.counter('parley_thumbnails_total', 'Small pictures by result', [
    'result',
  ]);
  return {
    count: (event) => events.inc({ event }),
    countBytes: (count) => bytes.inc(count),
    startCheck: () => {
      const stop = checks.startTimer();
      return () => void stop();
    },
    countThumbnail: (result) => thumbnails.inc({ result }),
    observeQueue: (waiting) =>
      metrics.observed('parley_thumbnail_queue', 'Pictures that wait to be made small', waiting),
  };
}
