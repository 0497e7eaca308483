import type { Receipt } from '@parley/common/contract';

import { Signal } from '../core/signal.ts';
import { NO_MEMBERS } from './members.ts';
import { type ShownConversation, type SummaryDeps, toSummary } from './summary.ts';
import type { ConversationSummary, MemberList } from './types.ts';

const NO_RECEIPTS: ReadonlyMap<string, Receipt> = new Map();

export interface SnapshotsDeps extends SummaryDeps {
  /** Called when the members get their first listener and are not known. */
  readonly loadMembers: () => void;
}

/** What an app sees of a conversation besides its timeline. */
export type Snapshots = {
  readonly info: Signal<ConversationSummary | null>;
  readonly members: Signal<MemberList>;
  readonly receipts: Signal<ReadonlyMap<string, Receipt>>;
  readonly typing: Signal<readonly string[]>;
  readonly draft: Signal<string>;
};

export function createSnapshots(owner: ShownConversation, deps: SnapshotsDeps): Snapshots {
  const members = new Signal(() => owner.state?.members ?? NO_MEMBERS, {
    watched: () => {
      if (members.get() === NO_MEMBERS) deps.loadMembers();
    },
  });
  return {
    info: new Signal((previous) => toSummary(owner, deps, previous)),
    members,
    receipts: new Signal(() => owner.state?.receipts.byUser ?? NO_RECEIPTS),
    typing: new Signal(() => owner.typing.userIds),
    draft: new Signal(() => deps.drafts.get(owner.id)),
  };
}
