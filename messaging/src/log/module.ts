import { Periodic } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import type { Sockets } from '../transport/sockets.ts';
import { EntryRepository } from './entry-repository.ts';
import { createLogMetrics } from './log-metrics.ts';
import { NodeLog } from './node-log.ts';
import type { ConversationOrigin, Projector } from './ports.ts';

export interface LogModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    'db' | 'metrics' | 'newId' | 'now' | 'periodicMetrics' | 'reportFault'
  >;
  readonly sockets: Pick<Sockets, 'cluster'>;
  readonly projection: {
    readonly conversations: { find(conversationId: string): Promise<ConversationOrigin | null> };
    readonly projector: Projector;
  };
}

export interface LogModule extends Module {
  readonly log: NodeLog;
  readonly entries: EntryRepository;
}

/** Milliseconds between two searches for entries that have waited too long. */
const REFUSE_EVERY = SECOND / 2;

/** The logs of all conversations, as this node reads and writes them. */
export function createLogModule(deps: LogModuleDeps): LogModule {
  const { conversations, projector } = deps.projection;
  const { db, metrics, newId, now, periodicMetrics, reportFault } = deps.infrastructure;
  const { cluster } = deps.sockets;
  const entries = new EntryRepository(db);
  const forwarded = cluster.channel('entries:forwarded', 'forwarded_entries_unreadable');
  const answers = cluster.channel('entries:answered', 'forwarding_answer_unreadable');
  const log = new NodeLog({
    entries,
    conversations,
    projector,
    forwarding: {
      nodeId: cluster.nodeId,
      isUp: () => cluster.redis !== undefined && cluster.link.isUp,
      isAlive: (nodeId) => cluster.nodes.alive()?.has(nodeId) === true,
      forward: (batch) => forwarded.publish(batch),
      answer: (answer) => answers.publish(answer),
    },
    newId,
    now,
    metrics: createLogMetrics(metrics),
    reportFault,
  });
  metrics.observed('parley_log_queue_entries', 'Entries waiting to be written', () => log.waiting);
  const refusing = new Periodic({
    name: 'refuse_overdue_entries',
    every: REFUSE_EVERY,
    run() {
      log.refuseOverdue();
      return Promise.resolve();
    },
    metrics: periodicMetrics,
    onFault: (error) => reportFault('overdue_refusal_failed', error),
  });
  return {
    name: 'log',
    handlers: {},
    log,
    entries,
    start() {
      forwarded.subscribe((batch, from) => log.forwarding.receive(batch, from));
      answers.subscribe((answer, from) => log.forwarding.receiveAnswer(answer, from));
      refusing.start();
    },
    async stop() {
      // Entries that wait too long must be refused until the log is closed.
      await log.close();
      await refusing.stop();
    },
  };
}
