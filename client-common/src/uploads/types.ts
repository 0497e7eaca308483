import type { AttachmentVariant } from '../attachments/types.ts';
import type { MessageContent } from '../conversations/conversation-deps.ts';
import type { SendOptions } from '../conversations/types.ts';
import type { Connection } from '../core/connection.ts';
import type { ConnectionProbe } from '../core/connection-probe.ts';
import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';
import type { UserStorage } from '../core/user-storage.ts';
import type { Outbox } from '../outbox/outbox.ts';

/** A file to be sent; the `File` of browsers is one. */
export interface UploadFile {
  readonly name: string;
  /** Media type; '' counts as `application/octet-stream`. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. Distinguishes files of the same name. */
  readonly lastModified?: number;
}

/** What a file is sent with. The app measures dimensions and duration, so that others can reserve space. */
export interface SendFileOptions extends SendOptions {
  /** A caption. */
  readonly text?: string;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

/**
 * Sends files, and gets links to them. A file is part of a message in the outbox: `discard` of the
 * conversation cancels it, `retry` sends it again, and the messages behind it wait.
 */
export interface Uploads {
  /**
   * Adds a message with a file to the outbox and the timeline at once and returns its `clientId`.
   * Throws `payload_too_large` above 2 GiB and `invalid_input` for an empty file or a bad caption.
   */
  readonly send: (conversationId: string, file: UploadFile, options?: SendFileOptions) => string;
  /** Pauses an upload, also over a restart. The messages behind it wait. */
  readonly pause: (conversationId: string, clientId: string) => void;
  readonly resume: (conversationId: string, clientId: string) => void;
  /**
   * Supplies the file of a message that failed with `upload_incomplete`: it was chosen before a
   * restart and could not be kept. Throws `upload_mismatch` if it is another file.
   */
  readonly provide: (conversationId: string, clientId: string, file: UploadFile) => void;
  /**
   * A link to the bytes of an attachment, valid for at least 15 s; repeated calls return the same link
   * while it is valid (at most 120 s). `not_found` if this user is no member any more, or the message was deleted.
   */
  readonly url: (attachmentId: string, variant?: AttachmentVariant) => Promise<string>;
  /** The file of an outgoing message, for a preview; `null` if it is not available. */
  readonly file: (conversationId: string, clientId: string) => Promise<UploadFile | null>;
}

/** What uploads use of their client. */
export interface UploadsHost {
  readonly runtime: Pick<Runtime, 'backoff' | 'delay' | 'deviceNow' | 'now'>;
  readonly connection: Pick<Connection, 'isOnline' | 'isStarted' | 'state'>;
  readonly probe: Pick<ConnectionProbe, 'check'>;
  readonly requests: Pick<Requests, 'call'>;
  readonly storage: Pick<UserStorage, 'get' | 'keys' | 'put'>;
  readonly outbox: Pick<Outbox, 'events' | 'queue'>;
  readonly conversations: { of(id: string): { compose(content: MessageContent): string } };
}

/** The uploads of a client. */
export interface ClientUploads extends Uploads {
  /** Removes every file that the device keeps. */
  readonly wipe: () => Promise<void>;
}

/** Makes the uploads of a client; see `createUploads`. */
export type UploadsPlugin = (host: UploadsHost) => ClientUploads;
