import { randomFillSync } from 'node:crypto';
import type { Logger, Metrics, Mongo, Resources } from '@parley/backend-common';
import { ProfileReader, type BlockPolicy } from '@parley/backend-common/domain';
import { createIdGenerator, type Now } from '@parley/common';

import { createAttachments, type FileStore } from './attachments.ts';
import { AttachmentRepository } from './attachments/attachment-repository.ts';
import { DirectBlocks } from './blocks/direct-blocks.ts';
import { Access } from './conversations/access.ts';
import { ConversationEraser } from './conversations/conversation-eraser.ts';
import { ConversationRepository } from './conversations/conversation-repository.ts';
import { ConversationItems } from './conversations/items.ts';
import { ConversationList } from './conversations/list.ts';
import { LogLagRepository } from './conversations/log-lag-repository.ts';
import { MemberRepository } from './conversations/member-repository.ts';
import { MembershipService } from './conversations/membership.ts';
import { ConversationNews } from './conversations/news.ts';
import { NewsRepository } from './conversations/news-repository.ts';
import { conversationHandlers } from './conversations/operations.ts';
import { People } from './conversations/people.ts';
import type { Followers, SocketEvents } from './conversations/ports.ts';
import { ConversationPresenter } from './conversations/presenter.ts';
import { MembershipProjector } from './conversations/projector.ts';
import { ConversationService } from './conversations/service.ts';
import { SummaryWriter } from './conversations/summary-writer.ts';
import { Delivery } from './delivery/delivery.ts';
import type { HintBus, LocalSockets } from './delivery/ports.ts';
import { RoomRepository } from './delivery/room-repository.ts';
import { EntryRepository } from './log/entry-repository.ts';
import { createLogMetrics } from './log/log-metrics.ts';
import { NodeLog } from './log/node-log.ts';
import type { Committed } from './log/ports.ts';
import { createTimers, type Timers } from './log/timers.ts';
import { ArrivalOrder } from './messages/arrival-order.ts';
import { MessageReader } from './messages/message-reader.ts';
import { OperationFolder } from './messages/operation-folder.ts';
import { messageHandlers } from './messages/operations.ts';
import { MessageService } from './messages/service.ts';
import { MarkWriter } from './receipts/mark-writer.ts';
import { receiptHandlers } from './receipts/operations.ts';
import { ReceiptFeed } from './receipts/receipt-feed.ts';
import { ReceiptService } from './receipts/service.ts';
import { CursorRepository } from './sync/cursor-repository.ts';
import { syncHandlers } from './sync/operations.ts';
import { Replay, type PageSender } from './sync/replay.ts';
import { SyncService } from './sync/service.ts';

/** What conversations need from the rest of the service. */
export interface ConversationsDeps {
  readonly mongo: Mongo;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly now: Now;
  readonly resources: Resources;
  readonly sockets: LocalSockets;
  readonly hints: HintBus;
  readonly events: SocketEvents;
  readonly pages: PageSender;
  readonly followers: Followers;
  readonly blocks: BlockPolicy;
  readonly files: FileStore;
}

interface Ground extends ConversationsDeps {
  readonly timers: Timers;
  readonly newId: () => string;
  readonly onFault: (fault: string, error: unknown) => void;
  readonly profiles: ProfileReader;
  readonly entries: EntryRepository;
  readonly conversations: ConversationRepository;
  readonly members: MemberRepository;
  readonly attachments: AttachmentRepository;
}

/** Milliseconds after which a socket that waits for its gate looks again. */
const PAUSE = 25;

/**
 * Puts together everything that the log carries: appending, delivery, conversations, messages, receipts and replay.
 * What is closed first stands last: the log finishes what it has taken, then what follows an entry is written.
 */
export function createConversations(deps: ConversationsDeps) {
  const ground = prepare(deps);
  const summaries = new SummaryWriter(ground);
  deps.resources.defer('summaries', () => summaries.close());
  const projection = createProjection(ground);

  // The log tells delivery what is committed, and delivery asks the log where it stands.
  const committed: { listen: (news: Committed) => void } = { listen: () => undefined };
  const log = new NodeLog({
    ...ground,
    projector: projection,
    metrics: (waiting) => createLogMetrics(deps.metrics, waiting),
    onCommitted: (news) => {
      committed.listen(news);
    },
  });
  const { attachments, now } = ground;
  const deleting: { remove: () => void } = { remove: () => undefined };
  const folder = new OperationFolder({
    ...ground,
    async deleteAttachments(ids) {
      await attachments.startDeletingAll(ids, now());
      deleting.remove();
    },
  });
  const reader = new MessageReader({ ...ground, log, folder });
  const shown = createViews({ ...ground, log, folder, reader, summaries, projection });
  const delivery = new Delivery({
    ...ground,
    log,
    rooms: new RoomRepository(deps.mongo.db),
    presenter: shown.presenter,
    monotonic: () => performance.now(),
  });
  const follow = ({ entries }: Committed) => {
    const newest = entries.at(-1);
    if (newest !== undefined) summaries.note(newest.document);
    for (const { document } of entries) deps.followers.sent(document);
  };
  committed.listen = (news) => {
    if (news.isOwn) follow(news);
    delivery.committed(news);
  };
  const following = createFollowing({ ...ground, log, reader, delivery, projection });
  delivery.start(following.replay);
  deps.resources.defer('delivery', () => delivery.stop());
  deps.resources.defer('log', () => log.close());

  const blocks = new DirectBlocks({ log, policy: deps.blocks });
  const files = createAttachments({ ...ground, log, folder, blocks });
  deleting.remove = () => files.sweeper?.nudge();
  const order = new ArrivalOrder();
  const messages = new MessageService({
    ...{ ...ground, log, folder, order, blocks },
    attachments: files.reservations,
  });
  return {
    log,
    delivery,
    access: shown.access,
    newId: ground.newId,
    conversations: ground.conversations,
    profiles: ground.profiles,
    members: ground.members,
    entries: ground.entries,
    handlers: {
      ...shown.handlers,
      ...following.handlers,
      ...messageHandlers({ messages, reader }),
      ...files.handlers,
    },
  };
}

/** Everything that the log carries, put together. */
export type Conversations = ReturnType<typeof createConversations>;

function prepare(deps: ConversationsDeps): Ground {
  const { logger, metrics, mongo, now, resources } = deps;
  const faults = metrics.counter(
    'parley_log_faults_total',
    'Faults that were healed or tried again',
    ['fault'],
  );
  const timers = createTimers();
  resources.defer('timers', () => timers.clear());
  return {
    ...deps,
    timers,
    newId: createIdGenerator(now, (into) => randomFillSync(into)),
    onFault(fault, error) {
      faults.inc({ fault });
      logger.warn({ err: error }, fault);
    },
    profiles: new ProfileReader(mongo.db, now),
    entries: new EntryRepository(mongo.db),
    conversations: new ConversationRepository(mongo.db),
    members: new MemberRepository(mongo.db),
    attachments: new AttachmentRepository(mongo.db),
  };
}

function createProjection(ground: Ground): MembershipProjector {
  const { attachments, entries, now, resources } = ground;
  const eraser = new ConversationEraser({
    ...ground,
    deleteAttachments: (conversationId) =>
      attachments.startDeletingOfConversation(conversationId, now()),
    removeEntries: (conversationId, seq) => entries.removeBefore(conversationId, seq),
  });
  eraser.start();
  resources.defer('eraser', () => eraser.stop());
  return new MembershipProjector({ ...ground, eraser });
}

/** What shows conversations and changes their members. */
function createViews(
  parts: Ground & {
    readonly log: NodeLog;
    readonly folder: OperationFolder;
    readonly reader: MessageReader;
    readonly summaries: SummaryWriter;
    readonly projection: MembershipProjector;
  },
) {
  const { log, mongo, projection: projector, reader } = parts;
  const access = new Access(log);
  const people = new People(parts);
  const lag = new LogLagRepository(mongo.db);
  const stretches = new NewsRepository(mongo.db);
  const news = new ConversationNews({ ...parts, lag, messages: reader, news: stretches });
  const items = new ConversationItems({ ...parts, news });
  const presenter = new ConversationPresenter({ ...parts, access, items, projector });
  const list = new ConversationList({ ...parts, access, items, lag, presenter });
  const membership = new MembershipService({ ...parts, access, people, presenter });
  const service = new ConversationService({ ...parts, access, people, presenter, projector });
  return {
    access,
    presenter,
    handlers: conversationHandlers({ service, membership, list, presenter }),
  };
}

/** What says how far everybody is, and brings what is missing. */
function createFollowing(
  parts: Ground & {
    readonly log: NodeLog;
    readonly reader: MessageReader;
    readonly delivery: Delivery;
    readonly projection: MembershipProjector;
  },
) {
  const { delivery, log, mongo, now, projection: projector, resources, timers } = parts;
  const feed = new ReceiptFeed(parts);
  const { followers } = parts;
  const marks = new MarkWriter({
    ...parts,
    onRaised(raised) {
      feed.note(raised);
      followers.raised(raised.receipt);
    },
  });
  resources.defer('marks', () => marks.close());
  const cursors = new CursorRepository(mongo.db, now);
  const replay = new Replay({
    ...parts,
    cursors,
    raiseDelivered: (mark) => marks.raise(mark),
    pause: () => new Promise((resolve) => timers.after(PAUSE, resolve)),
  });
  const receipts = new ReceiptService({
    log,
    marks,
    projector,
    cursors,
    onRead: (read) => followers.read(read),
    sentThrough: (socketId, conversationId) => replay.sentThrough(socketId, conversationId),
  });
  const sync = new SyncService({ ...parts, delivery });
  return { replay, handlers: { ...receiptHandlers({ receipts }), ...syncHandlers({ sync }) } };
}
