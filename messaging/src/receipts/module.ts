import type { BlockPolicy, ProfileReader } from '@parley/backend-common/domain';

import type { SocketEvents } from '../conversations/ports.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { MembershipProjector } from '../projection/membership-projector.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import { createTimers, type Timers } from '../log/timers.ts';
import type { Module } from '../module.ts';
import type { CursorRepository } from '../sync/cursor-repository.ts';
import type { Replay } from '../sync/replay.ts';
import { MarkWriter } from './mark-writer.ts';
import { receiptHandlers, type ReceiptOperation } from './operations.ts';
import { ReceiptFeed } from './receipt-feed.ts';
import { ReceiptService } from './service.ts';

export interface ReceiptsModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'entryHops' | 'now' | 'reportFault'>;
  readonly log: { readonly log: Pick<ConversationLog, 'state' | 'tails'> };
  readonly projection: {
    readonly members: Pick<MemberRepository, 'findMarks' | 'raiseMarks'>;
    readonly projector: Pick<MembershipProjector, 'ensure'>;
  };
  readonly profiles: { readonly profiles: ProfileReader };
  readonly blocks: { readonly policy: Pick<BlockPolicy, 'among'> };
  readonly sockets: { readonly events: SocketEvents };
  readonly sync: {
    readonly cursors: Pick<CursorRepository, 'raise'>;
    readonly replay: Pick<Replay, 'onDelivered' | 'sentThrough'>;
  };
  readonly timers?: Timers;
}

export interface ReceiptsModule extends Module<ReceiptOperation> {
  readonly marks: MarkWriter;
  readonly receipts: ReceiptService;
}

/** Stores receipt marks, and sends receipts to members. */
export function createReceiptsModule(deps: ReceiptsModuleDeps): ReceiptsModule {
  const { timers = createTimers() } = deps;
  const { policy: blocks } = deps.blocks;
  const { log } = deps.log;
  const { profiles } = deps.profiles;
  const { members, projector } = deps.projection;
  const { events } = deps.sockets;
  const { cursors, replay } = deps.sync;
  const { entryHops, now, reportFault } = deps.infrastructure;
  const feed = new ReceiptFeed({ log, profiles, events, blocks, timers, reportFault });
  const marks = new MarkWriter({ members, now });
  marks.subscribe((raised) => feed.note(raised));
  marks.subscribe((raised) => entryHops.acknowledged(raised));
  replay.onDelivered((mark) => marks.raise(mark));
  const receipts = new ReceiptService({
    log,
    marks,
    projector,
    cursors,
    sentThrough: (socketId, conversationId) => replay.sentThrough(socketId, conversationId),
  });
  return {
    name: 'receipts',
    handlers: receiptHandlers({ receipts }),
    marks,
    receipts,
    async stop() {
      await marks.close();
      timers.clear();
    },
  };
}
