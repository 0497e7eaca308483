import type { Db } from '@parley/backend-common';

import { AttachmentRepository } from './attachment-repository.ts';
import type { AttachmentLeaseOptions } from './lease-options.ts';
import { SweepRepository } from './sweep-repository.ts';
import { UploadCheckRepository } from './upload-check-repository.ts';

/** What reads and writes `attachments`. */
export interface AttachmentRepositories {
  readonly attachments: AttachmentRepository;
  readonly checks: UploadCheckRepository;
  readonly due: SweepRepository;
}

/** The repositories over a database. */
export function createAttachmentRepositories(
  db: Db,
  options: AttachmentLeaseOptions,
): AttachmentRepositories {
  return {
    attachments: new AttachmentRepository(db),
    checks: new UploadCheckRepository(db, options),
    due: new SweepRepository(db, options),
  };
}
