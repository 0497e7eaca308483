import type { OutgoingFile } from '../attachments/types.ts';
import type { Cache } from '../cache/cache.ts';
import type { Connection } from '../core/connection.ts';
import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Drafts } from '../drafts/drafts.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { PresenceTracker } from '../people/presence-tracker.ts';
import type { Profiles } from '../people/profiles.ts';
import type { MarkSender } from '../receipts/mark-sender.ts';
import type { CatchUp } from '../sync/catch-up.ts';
import type { Refresher } from '../sync/refresher.ts';

/** The content of a new message; the text is checked. */
export interface MessageContent {
  readonly text: string | null;
  readonly file?: OutgoingFile;
  /** Id of the message replied to. */
  readonly replyTo: string | undefined;
}

/** What a conversation uses of its client. */
export interface ConversationDeps {
  readonly self: { readonly id: string };
  readonly runtime: Pick<Runtime, 'delay' | 'deviceNow' | 'newClientId' | 'now'>;
  readonly connection: Pick<Connection, 'emit'>;
  readonly requests: Pick<Requests, 'call'>;
  readonly cache: Pick<Cache, 'dropEntries' | 'entries'>;
  readonly drafts: Pick<Drafts, 'get' | 'set'>;
  readonly outbox: Pick<Outbox, 'queue'>;
  readonly marks: Pick<MarkSender, 'check'>;
  readonly presence: Pick<PresenceTracker, 'known' | 'refresh'>;
  readonly profiles: Pick<Profiles, 'add'>;
  readonly refresher: Pick<Refresher, 'soon'>;
  readonly catchUp: Pick<CatchUp, 'run'>;
  readonly windowEntries?: number;
}
