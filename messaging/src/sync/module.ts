import { SECOND } from '@parley/common';

import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { PlainSessions } from '../delivery/plain-sessions.ts';
import type { MessageReader } from '../history/message-reader.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { Module } from '../module.ts';
import type { Cluster } from '../transport/cluster/cluster.ts';
import { CursorRepository } from './cursor-repository.ts';
import { MemberChangeRepository } from './member-change-repository.ts';
import { syncHandlers } from './operations.ts';
import { Pauses } from './pauses.ts';
import type { PageSender } from './ports.ts';
import { Replay } from './replay.ts';
import { SyncService } from './service.ts';

export interface SyncModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'db' | 'metrics' | 'now' | 'reportFault'>;
  readonly log: { readonly log: Pick<ConversationLog, 'tails'> };
  readonly projection: {
    readonly conversations: Pick<ConversationRepository, 'projectedThrough'>;
    readonly members: Pick<MemberRepository, 'allOf' | 'findOwn' | 'pageOf'>;
  };
  readonly history: { readonly reader: Pick<MessageReader, 'written'> };
  readonly delivery: { readonly delivery: Delivery; readonly plain: PlainSessions };
  readonly sockets: {
    readonly cluster: Pick<Cluster, 'nodeId' | 'nodes'>;
    readonly pages: PageSender;
  };
}

export interface SyncModule extends Module<'sync'> {
  readonly cursors: CursorRepository;
  readonly replay: Replay;
}

/** Sends clients what they missed: heads to heads clients, pages to plain clients. */
export function createSyncModule(deps: SyncModuleDeps): SyncModule {
  const { delivery, plain } = deps.delivery;
  const { reader } = deps.history;
  const { log } = deps.log;
  const { conversations, members } = deps.projection;
  const { cluster, pages } = deps.sockets;
  const { db, metrics, now, reportFault } = deps.infrastructure;
  const seconds = metrics.duration(
    'parley_replay_seconds',
    'Duration of the replay to a plain socket until all its conversations are live',
  );
  const pauses = new Pauses();
  const cursors = new CursorRepository(db, now);
  const replay = new Replay({
    members,
    cursors,
    reader,
    delivery,
    sessions: plain,
    pages,
    pause: (ms) => pauses.pause(ms),
    onDone: (ms) => seconds.observe(ms / SECOND),
    reportFault,
  });
  metrics.observed('parley_replays', 'Replays in progress', () => replay.inProgress);
  plain.subscribe(replay);
  const sync = new SyncService({
    ...{ members, conversations, log, delivery, cluster, reportFault },
    memberChanges: new MemberChangeRepository(db),
    answers: metrics.counter(
      'parley_head_comparisons_total',
      'Comparisons of heads over sockets, by whether all heads were sent or those that have changed',
      { heads: ['all', 'changed'] },
    ),
  });
  return {
    name: 'sync',
    handlers: syncHandlers({ sync }),
    cursors,
    replay,
    stop() {
      pauses.stop();
      return replay.stop();
    },
  };
}
