import { randomBytes } from 'node:crypto';
import type { Metrics, Mongo, ObjectStore, Resources } from '@parley/backend-common';
import type { Now } from '@parley/common';

import { UploadFinalizer } from './attachments/upload-finalizer.ts';
import {
  createAttachmentMetrics,
  type AttachmentMetrics,
} from './attachments/attachment-metrics.ts';
import type { AttachmentRepository } from './attachments/attachment-repository.ts';
import { UploadCompletion } from './attachments/upload-completion.ts';
import { AttachmentReservations } from './attachments/attachment-reservations.ts';
import { Downloads } from './attachments/downloads.ts';
import { UploadPolicy } from './attachments/upload-policy.ts';
import { UploadInspector } from './attachments/upload-inspector.ts';
import { createKeys } from './attachments/object-keys.ts';
import { attachmentHandlers, handlersWithoutStore } from './attachments/operations.ts';
import type { Imaging } from './attachments/ports.ts';
import { QuotaRepository } from './attachments/quota-repository.ts';
import { AttachmentSweeper } from './attachments/sweeper.ts';
import { Thumbnails, type ShowThumbnail } from './attachments/thumbnails.ts';
import { Uploads } from './attachments/uploads.ts';
import type { DirectBlocks } from './blocks/direct-blocks.ts';
import { Access } from './conversations/access.ts';
import type { SocketEvents } from './conversations/ports.ts';
import type { EntryRepository } from './log/entry-repository.ts';
import type { NodeLog } from './log/node-log.ts';
import type { OperationFolder } from './messages/operation-folder.ts';

/** What the configuration says of attachments. */
export interface FileStore {
  /** Absent: attachments are not configured. */
  readonly store: ObjectStore | undefined;
  /** Absent: this node makes no thumbnails. */
  readonly imaging: Imaging | undefined;
  /** Bytes that a user may announce a day. */
  readonly bytesPerDay: number;
}

interface AttachmentsDeps {
  readonly files: FileStore;
  readonly mongo: Mongo;
  readonly metrics: Metrics;
  readonly resources: Resources;
  readonly now: Now;
  readonly newId: () => string;
  readonly onFault: (fault: string, error: unknown) => void;
  readonly attachments: AttachmentRepository;
  readonly log: NodeLog;
  readonly entries: EntryRepository;
  readonly folder: OperationFolder;
  readonly events: Pick<SocketEvents, 'toConversation'>;
  readonly blocks: Pick<DirectBlocks, 'barrier'>;
}

type Parts = Omit<AttachmentsDeps, 'metrics'> & {
  readonly metrics: AttachmentMetrics;
  readonly reservations: AttachmentReservations;
  readonly access: Access;
  readonly policy: UploadPolicy;
};

/** Builds the attachments. Without a store, messages can still be sent with attachments that are ready. */
export function createAttachments(deps: AttachmentsDeps) {
  const metrics = createAttachmentMetrics(deps.metrics);
  const show = showThumbnail(deps);
  const reservations = new AttachmentReservations({ ...deps, metrics, show });
  const access = new Access(deps.log);
  const policy = new UploadPolicy({ ...deps, access });
  const { store } = deps.files;
  if (store === undefined) {
    const nothing = { sweeper: undefined, thumbnails: undefined };
    return { reservations, ...nothing, handlers: handlersWithoutStore(policy) };
  }
  const parts = { ...deps, metrics, reservations, access, policy, store };
  const thumbnails = createThumbnails(parts, show);
  const sweeper = new AttachmentSweeper({ ...parts, thumbnails });
  sweeper.start();
  deps.resources.defer('sweeper', () => sweeper.stop());
  const onDeleting = () => sweeper.nudge();
  return {
    reservations,
    sweeper,
    thumbnails,
    handlers: createHandlers({ ...parts, thumbnails, onDeleting }),
  };
}

type Stored = Parts & { readonly store: ObjectStore };

function createThumbnails(parts: Stored, show: ShowThumbnail): Thumbnails | undefined {
  const { imaging } = parts.files;
  if (imaging === undefined) return undefined;
  const thumbnails = new Thumbnails({ ...parts, imaging, show });
  parts.resources.defer('thumbnails', () => thumbnails.close());
  parts.metrics.observeThumbnailQueue(() => thumbnails.waiting);
  return thumbnails;
}

function createHandlers(
  parts: Stored & {
    readonly thumbnails: Thumbnails | undefined;
    readonly onDeleting: () => void;
  },
) {
  const { files, mongo, store } = parts;
  const newKey = createKeys(randomBytes);
  const { bytesPerDay } = files;
  const quotas = new QuotaRepository(mongo.db);
  const inspector = new UploadInspector({ store, imaging: files.imaging });
  const finalizer = new UploadFinalizer(store);
  return attachmentHandlers({
    uploads: new Uploads({ ...parts, quotas, bytesPerDay, newKey }),
    completion: new UploadCompletion({ ...parts, finalizer, inspector, newKey }),
    downloads: new Downloads(parts),
  });
}

function showThumbnail({
  entries,
  events,
}: Pick<AttachmentsDeps, 'entries' | 'events'>): ShowThumbnail {
  return async ({ attachmentId, conversationId, messageId }) => {
    await entries.showThumbnail(messageId, attachmentId);
    const payload = { attachmentId, conversationId, thumbnail: true } as const;
    events.toConversation({ conversationId }, 'attachment', payload);
  };
}
