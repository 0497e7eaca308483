import { randomBytes } from 'node:crypto';
import type { ObjectStore } from '@parley/backend-common';

import type { DirectBlocks } from '../blocks/direct-blocks.ts';
import type { Config } from '../config.ts';
import type { Access } from '../conversations/access.ts';
import type { ConversationPurger } from '../projection/conversation-purger.ts';
import type { SocketEvents } from '../conversations/ports.ts';
import type { DeletionApplier } from '../history/deletion-applier.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import { createAttachmentMetrics, type AttachmentMetrics } from './attachment-metrics.ts';
import { AttachmentReservations } from './attachment-reservations.ts';
import { Downloads } from './downloads.ts';
import { MessageAttachmentRepository } from './message-attachment-repository.ts';
import { createKeys } from './object-keys.ts';
import {
  attachmentHandlers,
  handlersWithoutStore,
  type AttachmentOperation,
} from './operations.ts';
import { QuotaRepository } from './quota-repository.ts';
import { createAttachmentRepositories, type AttachmentRepositories } from './repositories.ts';
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
    | 'db'
    | 'imaging'
    | 'metrics'
    | 'newId'
    | 'now'
    | 'objectStore'
    | 'periodicMetrics'
    | 'queueMetrics'
    | 'reportFault'
  > & {
    readonly config: Pick<Config, 'attachmentBytesPerDay'>;
  };
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly conversations: { readonly access: Access };
  readonly history: { readonly deletions: DeletionApplier };
  readonly projection: { readonly purger: Pick<ConversationPurger, 'beforeRemoval'> };
  readonly blocks: { readonly direct: Pick<DirectBlocks, 'barrier'> };
  readonly sockets: { readonly events: Pick<SocketEvents, 'toConversation'> };
  /** Default: the repositories over `db`. */
  readonly repositories?: AttachmentRepositories;
}

export interface AttachmentsModule extends Module<AttachmentOperation> {
  readonly reservations: AttachmentReservations;
  /** Starts the deletion of what a user has uploaded and not sent. */
  removeUnsent(userId: string): Promise<void>;
  /** Absent where no object store is configured. */
  readonly sweeper: AttachmentSweeper | undefined;
  /** Absent where this node makes no thumbnails. */
  readonly thumbnails: Thumbnails | undefined;
}

/** Uploads, checks and serves files. Without a store, messages can still be sent with attachments that are ready. */
export function createAttachmentsModule(deps: AttachmentsModuleDeps): AttachmentsModule {
  const { blocks, conversations, history, infrastructure, log, projection } = deps;
  const { db, now, objectStore, queueMetrics, reportFault } = infrastructure;
  const repositories =
    deps.repositories ?? createAttachmentRepositories(db, { now, metrics: queueMetrics });
  const { attachments } = repositories;
  const messages = new MessageAttachmentRepository(db);
  const metrics = createAttachmentMetrics(infrastructure.metrics);
  const showThumbnail = createShowThumbnail(messages, deps.sockets.events);
  const { entries } = log;
  const reservations = new AttachmentReservations({
    attachments,
    entries,
    metrics,
    showThumbnail,
    now,
    reportFault,
  });
  const policy = new UploadPolicy({ access: conversations.access, blocks: blocks.direct });
  const shared = { repositories, metrics, policy, reservations, showThumbnail };
  const stored = objectStore === undefined ? undefined : createStored(deps, objectStore, shared);
  projection.purger.beforeRemoval((conversationId) =>
    attachments.startDeletingOfConversation(conversationId, now()),
  );
  history.deletions.beforeRedaction(async (deleted) => {
    const attachmentIds = await messages.attachmentIdsOf(deleted);
    if (attachmentIds.length === 0) return;
    await attachments.startDeletingAll(attachmentIds, now());
    stored?.sweeper.wake();
  });
  return {
    name: 'attachments',
    handlers: stored?.handlers ?? handlersWithoutStore(policy),
    reservations,
    async removeUnsent(userId) {
      await attachments.startDeletingUnsentOf(userId, now());
      stored?.sweeper.wake();
    },
    sweeper: stored?.sweeper,
    thumbnails: stored?.thumbnails,
    start: () => stored?.sweeper.start(),
    async stop() {
      await stored?.sweeper.stop();
      await stored?.thumbnails?.close();
    },
  };
}

/** What works with and without a store. */
interface SharedParts {
  readonly repositories: AttachmentRepositories;
  readonly metrics: AttachmentMetrics;
  readonly policy: UploadPolicy;
  readonly reservations: AttachmentReservations;
  readonly showThumbnail: ShowThumbnail;
}

/** What needs a store. */
function createStored(deps: AttachmentsModuleDeps, store: ObjectStore, shared: SharedParts) {
  const { now, periodicMetrics, reportFault } = deps.infrastructure;
  const { metrics, repositories, reservations } = shared;
  const thumbnails = createThumbnails(deps, store, shared);
  const sweeper = new AttachmentSweeper({
    ...repositories,
    reservations,
    store,
    thumbnails,
    metrics,
    periodicMetrics,
    now,
    reportFault,
  });
  const handlers = createHandlers(deps, { ...shared, store, sweeper, thumbnails });
  return { handlers, sweeper, thumbnails };
}

interface StoredParts extends SharedParts {
  readonly store: ObjectStore;
  readonly sweeper: AttachmentSweeper;
  readonly thumbnails: Thumbnails | undefined;
}

function createHandlers(deps: AttachmentsModuleDeps, parts: StoredParts) {
  const { access } = deps.conversations;
  const { db, imaging, newId, now, reportFault } = deps.infrastructure;
  const { metrics, policy, repositories, reservations, store, sweeper, thumbnails } = parts;
  const { attachments } = repositories;
  const newKey = createKeys(randomBytes);
  const onDeleting = () => sweeper.wake();
  const uploads = new Uploads({
    access,
    policy,
    attachments,
    quotas: new QuotaRepository(db),
    store,
    bytesPerDay: deps.infrastructure.config.attachmentBytesPerDay,
    metrics,
    now,
    newId,
    newKey,
    onDeleting,
  });
  const completion = new UploadCompletion({
    access,
    ...repositories,
    store,
    finalizer: new UploadFinalizer(store),
    inspector: new UploadInspector({ store, imaging }),
    thumbnails,
    metrics,
    now,
    newKey,
    onDeleting,
    reportFault,
  });
  const downloads = new Downloads({
    access,
    attachments,
    reservations,
    store,
    log: deps.log.log,
    entries: deps.log.entries,
    deletions: deps.history.deletions,
    now,
  });
  return attachmentHandlers({ uploads, completion, downloads });
}

function createThumbnails(
  { infrastructure: { imaging, reportFault } }: AttachmentsModuleDeps,
  store: ObjectStore,
  { metrics, repositories, showThumbnail }: SharedParts,
): Thumbnails | undefined {
  if (imaging === undefined) return undefined;
  const thumbnails = new Thumbnails({
    attachments: repositories.attachments,
    store,
    imaging,
    showThumbnail,
    metrics,
    reportFault,
  });
  metrics.observeThumbnailQueue(() => thumbnails.queued);
  return thumbnails;
}

function createShowThumbnail(
  messages: MessageAttachmentRepository,
  events: Pick<SocketEvents, 'toConversation'>,
): ShowThumbnail {
  return async ({ attachmentId, conversationId, messageId }) => {
    await messages.showThumbnail({ attachmentId, conversationId, messageId });
    const payload = { attachmentId, conversationId, thumbnail: true } as const;
    return () => events.toConversation({ conversationId }, 'attachment', payload);
  };
}
