import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import { EntryRepository } from './entry-repository.ts';
import { createLogMetrics } from './log-metrics.ts';
import { NodeLog } from './node-log.ts';
import type { ConversationOrigin, Projector } from './ports.ts';

export interface LogModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'db' | 'metrics' | 'newId' | 'now' | 'reportFault'>;
  readonly projection: {
    readonly conversations: { find(conversationId: string): Promise<ConversationOrigin | null> };
    readonly projector: Projector;
  };
}

export interface LogModule extends Module {
  readonly log: NodeLog;
  readonly entries: EntryRepository;
}

/** The logs of all conversations, as this node reads and writes them. */
export function createLogModule(deps: LogModuleDeps): LogModule {
  const { conversations, projector } = deps.projection;
  const { db, metrics, newId, now, reportFault } = deps.infrastructure;
  const entries = new EntryRepository(db);
  const log = new NodeLog({
    entries,
    conversations,
    projector,
    newId,
    now,
    metrics: (waiting) => createLogMetrics(metrics, waiting),
    reportFault,
  });
  return { name: 'log', handlers: {}, log, entries, stop: () => log.close() };
}
