import { randomBytes } from 'node:crypto';
import type { Metrics, Mongo, ObjectStore, Resources } from '@parley/backend-common';
import type { Now } from '@parley/common';

import { Arrival } from './attachments/arrival.ts';
import {
  createAttachmentMetrics,
  type AttachmentMetrics,
} from './attachments/attachment-metrics.ts';
import type { AttachmentRepository } from './attachments/attachment-repository.ts';
import { Completion } from './attachments/completion.ts';
import { Desk } from './attachments/desk.ts';
import { Downloads } from './attachments/downloads.ts';
import { Entrance } from './attachments/entrance.ts';
import { Inspection } from './attachments/inspection.ts';
import { createKeys } from './attachments/object-keys.ts';
import { attachmentHandlers, handlersWithoutStore } from './attachments/operations.ts';
import type { Imaging } from './attachments/ports.ts';
import { QuotaRepository } from './attachments/quota-repository.ts';
import { Sweeper } from './attachments/sweeper.ts';
import { Thumbnails, type ShowThumbnail } from './attachments/thumbnails.ts';
import { Uploads } from './attachments/uploads.ts';
import type { DirectBlocks } from './blocks/direct-blocks.ts';
import { Access } from './conversations/access.ts';
import type { SocketEvents } from './conversations/ports.ts';
import type { EntryRepository } from './log/entry-repository.ts';
import type { NodeLog } from './log/node-log.ts';
import type { OperationFolder } from './messages/operation-folder.ts';

/** What files need from outside. */
export interface FileStore {
  /** Absent: there are no attachments. */
  readonly store: ObjectStore | undefined;
  /** Absent: nothing here makes small pictures. */
  readonly imaging: Imaging | undefined;
  /** Bytes that a person may announce a day. */
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
  readonly desk: Desk;
  readonly access: Access;
  readonly entrance: Entrance;
};

/** Puts together what carries files. Messages can be given what is ready also where no store is set up any more. */
export function createAttachments(deps: AttachmentsDeps) {
  const metrics = createAttachmentMetrics(deps.metrics);
  const show = showThumbnail(deps);
  const desk = new Desk({ ...deps, metrics, show });
  const access = new Access(deps.log);
  const entrance = new Entrance({ ...deps, access });
  const { store } = deps.files;
  if (store === undefined) {
    const nothing = { sweeper: undefined, thumbnails: undefined };
    return { desk, ...nothing, handlers: handlersWithoutStore(entrance) };
  }
  const parts = { ...deps, metrics, desk, access, entrance, store };
  const thumbnails = createThumbnails(parts, show);
  const sweeper = new Sweeper({ ...parts, thumbnails });
  sweeper.start();
  deps.resources.defer('sweeper', () => sweeper.stop());
  const onDoomed = () => sweeper.nudge();
  return {
    desk,
    sweeper,
    thumbnails,
    handlers: createHandlers({ ...parts, thumbnails, onDoomed }),
  };
}

type Stored = Parts & { readonly store: ObjectStore };

function createThumbnails(parts: Stored, show: ShowThumbnail): Thumbnails | undefined {
  const { imaging } = parts.files;
  if (imaging === undefined) return undefined;
  const thumbnails = new Thumbnails({ ...parts, imaging, show });
  parts.resources.defer('thumbnails', () => thumbnails.close());
  parts.metrics.observeQueue(() => thumbnails.waiting);
  return thumbnails;
}

function createHandlers(
  parts: Stored & {
    readonly thumbnails: Thumbnails | undefined;
    readonly onDoomed: () => void;
  },
) {
  const { files, mongo, store } = parts;
  const newKey = createKeys(randomBytes);
  const { bytesPerDay } = files;
  const quotas = new QuotaRepository(mongo.db);
  const inspection = new Inspection({ store, imaging: files.imaging });
  const arrival = new Arrival(store);
  return attachmentHandlers({
    uploads: new Uploads({ ...parts, quotas, bytesPerDay, newKey }),
    completion: new Completion({ ...parts, arrival, inspection, newKey }),
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
