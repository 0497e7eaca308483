import type { Requests } from '../connection/requests.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { PresenceWatch } from '../people/presence.ts';
import type { Profiles } from '../people/profiles.ts';
import type { Runtime } from '../runtime.ts';
import type { Cache } from '../storage/cache.ts';
import type { Drafts } from '../storage/drafts.ts';
import type { Conversation } from './conversation.ts';
import type { MarkSender } from './mark-sender.ts';

/** What every conversation shares. */
export interface ConversationContext {
  readonly runtime: Runtime;
  readonly requests: Requests;
  readonly marks: MarkSender;
  readonly outbox: Outbox;
  readonly presence: PresenceWatch;
  readonly profiles: Profiles;
  readonly drafts: Drafts;
  readonly cache: Cache;
  readonly windowEntries: number;
  /** Own user id, '' while unknown. */
  readonly selfId: () => string;
  /** Whether there is a connection and it belongs to the person whose data is here. */
  readonly isOpen: () => boolean;
  /** Something that lists show has changed. */
  readonly changed: (conversation: Conversation) => void;
  /** Has the conversation asked of the server again, soon and once. */
  readonly refresh: (conversation: Conversation) => void;
  /** Has what is missing pulled. */
  readonly catchUp: (conversation: Conversation) => void;
}
