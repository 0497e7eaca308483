import type { ClientOptions } from './api/client.ts';
import type { UploadsPart } from './api/uploads.ts';
import type { Connection } from './connection/connection.ts';
import type { Requests } from './connection/requests.ts';
import type { Conversation } from './conversations/conversation.ts';
import type { Conversations } from './conversations/conversations.ts';
import type { MarkSender } from './conversations/mark-sender.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { PresenceWatch } from './people/presence.ts';
import type { Profiles } from './people/profiles.ts';
import type { Runtime } from './runtime.ts';
import type { Cache } from './storage/cache.ts';
import type { Drafts } from './storage/drafts.ts';
import type { Vault } from './storage/vault.ts';
import type { CatchUp } from './sync/catch-up.ts';
import type { Refresher } from './sync/refresher.ts';
import type { Synchroniser } from './sync/synchroniser.ts';

/** The parts of one client, by name. Each part says which of them it uses (`Pick<Context, …>`). */
export interface Context {
  readonly options: ClientOptions;
  readonly runtime: Runtime;
  readonly connection: Connection;
  readonly requests: Requests;
  readonly vault: Vault;
  readonly cache: Cache;
  readonly drafts: Drafts;
  readonly outbox: Outbox;
  /** Where the app brought no part that uploads, messages with files wait. */
  readonly uploads: UploadsPart | null;
  readonly marks: MarkSender;
  readonly profiles: Profiles;
  readonly presence: PresenceWatch;
  readonly conversations: Conversations;
  readonly refresher: Refresher;
  readonly catchUp: CatchUp;
  readonly sync: Synchroniser;
  /** Own user id, '' while unknown. */
  readonly selfId: string;
  /** Looks whether the connection still lives. */
  probe(): void;
  /** Something of a conversation that lists show has changed. */
  changed(conversation: Conversation): void;
}
