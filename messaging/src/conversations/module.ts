import type { BlockPolicy } from '@parley/backend-common/domain';

import type { Config } from '../config.ts';
import type { HistoryModule } from '../history/module.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import type { ProfilesModule } from '../profiles/module.ts';
import type { ProjectionModule } from '../projection/module.ts';
import { Access } from './access.ts';
import { ContactRepository } from './contact-repository.ts';
import { ConversationItems } from './items.ts';
import { ConversationList } from './list.ts';
import { LogLagRepository } from './log-lag-repository.ts';
import { MembershipService } from './membership.ts';
import { UnreadSummaries } from './unread-summaries.ts';
import { UnreadRepository } from './unread-repository.ts';
import { conversationHandlers, type ConversationOperation } from './operations.ts';
import { InvitationPolicy } from './invitation-policy.ts';
import { InvitationRepository } from './invitation-repository.ts';
import { Invitations } from './invitations.ts';
import type { SocketEvents } from './ports.ts';
import { ConversationPresenter } from './presenter.ts';
import { ConversationService } from './service.ts';
import { SummaryWriter } from './summary-writer.ts';

export interface ConversationsModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'db' | 'logger' | 'metrics' | 'newId' | 'now'> & {
    readonly config: Pick<Config, 'rateLimits'>;
  };
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly projection: Pick<ProjectionModule, 'conversations' | 'members' | 'projector'>;
  readonly history: Pick<HistoryModule, 'deletions' | 'reader'>;
  readonly profiles: Pick<ProfilesModule, 'profiles'>;
  readonly blocks: { readonly policy: Pick<BlockPolicy, 'among' | 'requireOpen'> };
  readonly sockets: { readonly events: Pick<SocketEvents, 'toUser'> };
}

export interface ConversationsModule extends Module<ConversationOperation> {
  readonly access: Access;
  readonly presenter: ConversationPresenter;
  readonly summaries: SummaryWriter;
}

/** Lists, shows, creates and changes conversations, and changes their members. */
export function createConversationsModule(deps: ConversationsModuleDeps): ConversationsModule {
  const { policy: blocks } = deps.blocks;
  const { log } = deps.log;
  const { profiles } = deps.profiles;
  const { conversations, members, projector } = deps.projection;
  const { events } = deps.sockets;
  const { db, logger, newId, now } = deps.infrastructure;
  const access = new Access(log);
  const summaries = new SummaryWriter({ conversations, logger });
  const lag = new LogLagRepository(db);
  const items = createItems(deps, { lag, summaries });
  const presenter = new ConversationPresenter({
    access,
    conversations,
    members,
    projector,
    items,
    profiles,
    blocks,
  });
  const invitations = createInvitations(deps);
  const policy = new InvitationPolicy({ profiles, members, blocks, invitations });
  const list = new ConversationList({
    log,
    access,
    conversations,
    members,
    lag,
    presenter,
    items,
    summaries,
  });
  const membership = new MembershipService({ log, access, policy, invitations, presenter });
  const service = new ConversationService({
    log,
    access,
    conversations,
    members,
    policy,
    invitations,
    presenter,
    projector,
    events,
    newId,
    now,
  });
  log.subscribe(({ entries, isOwn }) => {
    const newest = entries.at(-1);
    if (isOwn && newest !== undefined) summaries.note(newest.document);
  });
  return {
    name: 'conversations',
    handlers: conversationHandlers({ service, membership, list, presenter }),
    access,
    presenter,
    summaries,
    stop: () => summaries.close(),
  };
}

function createItems(
  deps: ConversationsModuleDeps,
  { lag, summaries }: { readonly lag: LogLagRepository; readonly summaries: SummaryWriter },
): ConversationItems {
  const { policy: blocks } = deps.blocks;
  const { deletions, reader } = deps.history;
  const { entries } = deps.log;
  const { profiles } = deps.profiles;
  const { members } = deps.projection;
  const { db } = deps.infrastructure;
  const unread = new UnreadSummaries({
    entries,
    unread: new UnreadRepository(db),
    lag,
    deletions,
    messages: reader,
  });
  return new ConversationItems({ members, unread, profiles, summaries, blocks });
}

function createInvitations({ infrastructure, projection }: ConversationsModuleDeps): Invitations {
  const { config, db, metrics, now } = infrastructure;
  return new Invitations({
    repository: new InvitationRepository(db),
    contacts: new ContactRepository(db),
    members: projection.members,
    counter: metrics.counter(
      'parley_invitations_total',
      'Users added to groups, or written to, by people whom they do not know, by result',
      { result: ['sent', 'refused'] },
    ),
    limited: config.rateLimits,
    now,
  });
}
