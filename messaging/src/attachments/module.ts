import { randomBytes } from 'node:crypto';

import type { DirectBlocks } from '../blocks/direct-blocks.ts';
import type { Config } from '../config.ts';
import type { Access } from '../conversations/access.ts';
import type { ConversationEraser } from '../conversations/conversation-eraser.ts';
import type { SocketEvents } from '../conversations/ports.ts';
import type { OperationFolder } from '../history/operation-folder.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import { createAttachmentMetrics } from './attachment-metrics.ts';
import { AttachmentRepository } from './attachment-repository.ts';
import { AttachmentReservations } from './attachment-reservations.ts';
import { Downloads } from './downloads.ts';
import { createKeys } from './object-keys.ts';
import {
  attachmentHandlers,
  handlersWithoutStore,
  type AttachmentOperation,
} from './operations.ts';
import type { StoreDeps } from './ports.ts';
import { QuotaRepository } from './quota-repository.ts';
import { AttachmentSweeper } from './sweeper.ts';
import { Thumbnails, type ShowThumbnail } from './thumbnails.ts';
import { UploadCompletion } from './upload-completion.ts';
import { UploadFinalizer } from './upload-finalizer.ts';
import { UploadInspector } from './upload-inspector.ts';
import { UploadPolicy } from './upload-policy.ts';
import { Uploads } from './uploads.ts';

export interface AttachmentsModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    'db' | 'imaging' | 'metrics' | 'newId' | 'now' | 'objectStore' | 'reportFault'
  > & {
    readonly config: Pick<Config, 'attachmentBytesPerDay'>;
  };
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly conversations: { readonly access: Access };
  readonly history: { readonly folder: OperationFolder };
  readonly projection: { readonly eraser: Pick<ConversationEraser, 'beforeRemoval'> };
  readonly blocks: { readonly direct: Pick<DirectBlocks, 'barrier'> };
  readonly sockets: { readonly events: Pick<SocketEvents, 'toConversation'> };
  /** Default: the repository over `db`. */
  readonly attachments?: AttachmentRepository;
}

export interface AttachmentsModule extends Module<AttachmentOperation> {
  readonly reservations: AttachmentReservations;
  readonly sweeper: AttachmentSweeper | undefined;
  readonly thumbnails: Thumbnails | undefined;
}

/** Uploads, checks and sends files. What is ready can be given to messages also where no store is set up any more. */
export function createAttachmentsModule(deps: AttachmentsModuleDeps): AttachmentsModule {
  const { history, projection } = deps;
  const { access } = deps.conversations;
  const { newId, now, objectStore: store, reportFault } = deps.infrastructure;
  const { entries } = deps.log;
  const attachments = deps.attachments ?? new AttachmentRepository(deps.infrastructure.db);
  const metrics = createAttachmentMetrics(deps.infrastructure.metrics);
  const show = showThumbnail(deps);
  const reservations = new AttachmentReservations({
    attachments,
    entries,
    metrics,
    show,
    now,
    reportFault,
  });
  const policy = new UploadPolicy({ access, blocks: deps.blocks.direct });
  const files =
    store === undefined
      ? undefined
      : createFiles(deps, {
          ground: { store, attachments, metrics, now, newId, reportFault },
          reservations,
          policy,
          show,
        });
  projection.eraser.beforeRemoval((conversationId) =>
    attachments.startDeletingOfConversation(conversationId, now()),
  );
  history.folder.beforeRedaction(async (attachmentIds) => {
    await attachments.startDeletingAll(attachmentIds, now());
    files?.sweeper.nudge();
  });
  return {
    name: 'attachments',
    handlers: files?.handlers ?? handlersWithoutStore(policy),
    reservations,
    sweeper: files?.sweeper,
    thumbnails: files?.thumbnails,
    start: () => files?.sweeper.start(),
    async stop() {
      await files?.sweeper.stop();
      await files?.thumbnails?.close();
    },
  };
}

interface Parts {
  readonly ground: StoreDeps;
  readonly reservations: AttachmentReservations;
  readonly policy: UploadPolicy;
  readonly show: ShowThumbnail;
}

/** What needs a store. */
function createFiles(deps: AttachmentsModuleDeps, { reservations, policy, ground, show }: Parts) {
  const { attachmentBytesPerDay: bytesPerDay } = deps.infrastructure.config;
  const { access } = deps.conversations;
  const { folder } = deps.history;
  const { db, imaging } = deps.infrastructure;
  const { entries, log } = deps.log;
  const { store } = ground;
  const thumbnails = createThumbnails(deps, ground, show);
  const sweeper = new AttachmentSweeper({ ...ground, reservations, thumbnails });
  const onDeleting = () => sweeper.nudge();
  const newKey = createKeys(randomBytes);
  const quotas = new QuotaRepository(db);
  const finalizer = new UploadFinalizer(store);
  const inspector = new UploadInspector({ store, imaging });
  return {
    sweeper,
    thumbnails,
    handlers: attachmentHandlers({
      uploads: new Uploads({
        ...ground,
        access,
        policy,
        quotas,
        bytesPerDay,
        newKey,
        onDeleting,
      }),
      completion: new UploadCompletion({
        ...ground,
        access,
        finalizer,
        inspector,
        thumbnails,
        newKey,
        onDeleting,
      }),
      downloads: new Downloads({ ...ground, access, log, entries, folder, reservations }),
    }),
  };
}

function createThumbnails(
  { infrastructure: { imaging } }: AttachmentsModuleDeps,
  ground: StoreDeps,
  show: ShowThumbnail,
): Thumbnails | undefined {
  if (imaging === undefined) return undefined;
  const thumbnails = new Thumbnails({ ...ground, imaging, show });
  ground.metrics.observeThumbnailQueue(() => thumbnails.waiting);
  return thumbnails;
}

function showThumbnail({
  log: { entries },
  sockets,
}: Pick<AttachmentsModuleDeps, 'log' | 'sockets'>): ShowThumbnail {
  return async ({ attachmentId, conversationId, messageId }) => {
    await entries.showThumbnail(messageId, attachmentId);
    const payload = { attachmentId, conversationId, thumbnail: true } as const;
    sockets.events.toConversation({ conversationId }, 'attachment', payload);
  };
}
