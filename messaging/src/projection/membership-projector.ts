import type { EntryDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { ProjectionStep, Projector } from '../log/ports.ts';
import type { ConversationState, Membership } from '../log/state.ts';
import type { ConversationPurger } from './conversation-purger.ts';
import type {
  ConversationDocument,
  ConversationRepository,
} from '../conversations/conversation-repository.ts';
import type { MemberChange } from '../conversations/member-document.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';

interface ProjectorDeps {
  readonly conversations: ConversationRepository;
  readonly members: MemberRepository;
  readonly purger: ConversationPurger;
  readonly entries: Pick<EntryRepository, 'membershipUpTo'>;
}

/**
 * Writes members and title, as folded from the log, into the documents that lists and connections read.
 *
 * Every write sets a membership to its state after entry `v`, and only if its `seq < v`. So writes of several nodes may
 * come in any order and more than once. `conversations.membersSeq = v` promises that all entries up to `v` are written.
 */
export class MembershipProjector implements Projector {
  readonly #deps: ProjectorDeps;

  constructor(deps: ProjectorDeps) {
    this.#deps = deps;
  }

  /**
   * Writes the changes of committed entries. Call it before their ack and their cluster event: a socket that connects
   * after the event reads these documents to find its rooms.
   */
  async project({ before, after, documents }: ProjectionStep): Promise<void> {
    if (after.membership.version === before.membership.version) return;
    if (isAbandoned(after.membership)) return this.#purge(after);
    const changed = differing(before.membership, after.membership);
    const touched = new Set([...touchedBy(documents), ...changed]);
    await this.#deps.members.project([...touched].map((userId) => changeOf(after, userId)));
    const recorded = await this.#record(after, before.membership.version);
    // Otherwise earlier entries are not written yet: the node that appended them is slow or has crashed.
    if (!recorded) await this.ensure(after);
  }

  /** Repairs documents that a crash left behind the log. Returns the entries that they lacked. */
  async heal(
    conversation: Pick<ConversationDocument, '_id' | 'membersSeq'>,
    state: ConversationState,
  ): Promise<readonly EntryDocument[]> {
    const { _id, membersSeq } = conversation;
    const { membership } = state;
    if (membersSeq >= membership.version) return [];
    const entries = await this.#deps.entries.membershipUpTo(_id, membership.version, {
      after: membersSeq,
    });
    const missing = entries.filter(({ seq }) => seq > membersSeq);
    if (isAbandoned(membership)) {
      await this.#purge(state);
      return missing;
    }
    const touched = new Set([...touchedBy(missing), ...membership.members.keys()]);
    await this.#deps.members.project([...touched].map((userId) => changeOf(state, userId)));
    await this.#record(state, membersSeq);
    return missing;
  }

  /** Repairs the documents if they are behind `state`. */
  async ensure(state: ConversationState): Promise<void> {
    const conversation = await this.#deps.conversations.find(state.conversationId);
    if (conversation !== null) await this.heal(conversation, state);
  }

  #record({ conversationId, membership }: ConversationState, from: number): Promise<boolean> {
    const { members, title, version } = membership;
    const projected = { from, seq: version, title, memberCount: members.size };
    return this.#deps.conversations.setProjected(conversationId, projected);
  }

  #purge({ conversationId, membership }: ConversationState): Promise<void> {
    return this.#deps.purger.begin(conversationId, membership.version);
  }
}

/** A group whose last member has left. */
function isAbandoned({ kind, members, version }: Membership): boolean {
  return kind === 'group' && version > 0 && members.size === 0;
}

function touchedBy(documents: readonly EntryDocument[]): string[] {
  return documents.flatMap((document) =>
    document.kind === 'members' ? [...document.userIds] : [],
  );
}

/** Users whose membership differs. The fold may change a member that no entry names: the new owner. */
function differing(before: Membership, after: Membership): string[] {
  const all = new Set([...before.members.keys(), ...after.members.keys()]);
  return [...all].filter((userId) => before.members.get(userId) !== after.members.get(userId));
}

function changeOf({ conversationId, membership }: ConversationState, userId: string): MemberChange {
  const member = membership.members.get(userId) ?? null;
  return { conversationId, userId, seq: membership.version, member };
}
