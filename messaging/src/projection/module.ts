import { Periodic } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import { ConversationPurger } from './conversation-purger.ts';
import { ConversationRepository } from '../conversations/conversation-repository.ts';
import { MemberRepository } from '../conversations/member-repository.ts';
import { MembershipProjector } from './membership-projector.ts';
import type { Infrastructure } from '../infrastructure.ts';
import { EntryRepository } from '../log/entry-repository.ts';
import type { Module } from '../module.ts';

export interface ProjectionModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'db' | 'now' | 'periodicMetrics' | 'reportFault'>;
}

export interface ProjectionModule extends Module {
  readonly conversations: ConversationRepository;
  readonly members: MemberRepository;
  readonly projector: MembershipProjector;
  readonly purger: ConversationPurger;
}

const PURGE_EVERY = 30 * SECOND;

/** Keeps the documents of conversations and members up to date with the log, and purges groups without members. */
export function createProjectionModule({ infrastructure }: ProjectionModuleDeps): ProjectionModule {
  const { db, now, periodicMetrics, reportFault } = infrastructure;
  const conversations = new ConversationRepository(db);
  const members = new MemberRepository(db);
  const entries = new EntryRepository(db);
  const purger = new ConversationPurger({
    conversations,
    members,
    removeEntries: (conversationId, seq) => entries.removeBefore(conversationId, seq),
    now,
  });
  const purging = new Periodic({
    name: 'purge_conversations',
    every: PURGE_EVERY,
    run: () => purger.sweep(),
    metrics: periodicMetrics,
    onFault: (error) => reportFault('conversation_purge_failed', error),
  });
  return {
    name: 'projection',
    handlers: {},
    conversations,
    members,
    projector: new MembershipProjector({ conversations, members, entries, purger }),
    purger,
    start: () => purging.start(),
    stop: () => purging.stop(),
  };
}
