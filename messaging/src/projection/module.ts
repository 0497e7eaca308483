import { ConversationPurger } from './conversation-purger.ts';
import { ConversationRepository } from '../conversations/conversation-repository.ts';
import { MemberRepository } from '../conversations/member-repository.ts';
import { MembershipProjector } from './membership-projector.ts';
import type { Infrastructure } from '../infrastructure.ts';
import { EntryRepository } from '../log/entry-repository.ts';
import type { Module } from '../module.ts';

export interface ProjectionModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'db' | 'logger' | 'now'>;
}

export interface ProjectionModule extends Module {
  readonly conversations: ConversationRepository;
  readonly members: MemberRepository;
  readonly projector: MembershipProjector;
  readonly purger: ConversationPurger;
}

/** Keeps the documents of conversations and members up to date with the log, and purges groups without members. */
export function createProjectionModule({ infrastructure }: ProjectionModuleDeps): ProjectionModule {
  const { db, logger, now } = infrastructure;
  const conversations = new ConversationRepository(db);
  const members = new MemberRepository(db);
  const entries = new EntryRepository(db);
  const purger = new ConversationPurger({
    conversations,
    members,
    removeEntries: (conversationId, seq) => entries.removeBefore(conversationId, seq),
    now,
    logger,
  });
  return {
    name: 'projection',
    handlers: {},
    conversations,
    members,
    projector: new MembershipProjector({ conversations, members, entries, purger }),
    purger,
    start: () => purger.start(),
    stop: () => purger.stop(),
  };
}
