import { Metrics, PeriodicMetrics, QueueMetrics, type ObjectStore } from '@parley/backend-common';
import type { TestMongo } from '@parley/backend-common/testing';
import { AppError, type Now } from '@parley/common';
import {
  operations,
  type Attachment,
  type OperationCall,
  type OperationOutput,
  type Upload,
} from '@parley/common/contract';

import type { AttachmentDocument } from '../../src/attachments/attachment-document.ts';
import { createAttachmentsModule, type AttachmentsModule } from '../../src/attachments/module.ts';
import type { Imaging } from '../../src/attachments/ports.ts';
import {
  createAttachmentRepositories,
  type AttachmentRepositories,
} from '../../src/attachments/repositories.ts';
import type { DirectBlocks } from '../../src/blocks/direct-blocks.ts';
import { Access } from '../../src/conversations/access.ts';
import { createHistoryModule } from '../../src/history/module.ts';
import type { DeletionApplier } from '../../src/history/deletion-applier.ts';
import { createMessagesModule } from '../../src/messages/module.ts';
import type { MessageService } from '../../src/messages/service.ts';
import type { MessagingContext } from '../../src/transport/server/context.ts';
import { newId, testLog, type TestLog } from './test-log.ts';

interface NodeOptions {
  readonly store: ObjectStore;
  readonly now?: Now;
  readonly imaging?: Imaging;
  readonly bytesPerDay?: number;
  /** Called with each event to a conversation. */
  readonly onEvent?: () => void;
  /** Replaces what writes attachments, to have it fail. */
  readonly repositories?: AttachmentRepositories;
  /** What stands between people; nothing unless given. */
  readonly blocks?: Pick<DirectBlocks, 'barrier'>;
}

type Name = Extract<keyof typeof operations, `attachment:${string}`>;

/** What an upload needs of a file. */
export interface TestFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** A node that carries files and messages, over a database and a store. Several over the same ones are several nodes. */
export class AttachmentNode {
  readonly node: TestLog;
  readonly repositories: AttachmentRepositories;
  readonly messages: MessageService;
  readonly deletions: DeletionApplier;
  readonly files: AttachmentsModule;
  /** Events to conversations. */
  readonly told: unknown[][] = [];
  readonly faults: unknown[] = [];
  readonly #mongo: TestMongo;

  constructor(mongo: TestMongo, options: NodeOptions) {
    const { blocks = { barrier: () => null }, bytesPerDay = 10 * 1024 ** 3 } = options;
    const { imaging, now = Date.now, store: objectStore } = options;
    const { db } = mongo;
    const metrics = new Metrics('test');
    this.#mongo = mongo;
    this.node = testLog(mongo, { now });
    this.repositories = options.repositories ?? createAttachmentRepositories(db, { now });
    const log = this.node;
    const history = createHistoryModule({ log, projection: log });
    this.deletions = history.deletions;
    this.files = createAttachmentsModule({
      infrastructure: {
        ...{ db, imaging, newId, now, objectStore, metrics },
        periodicMetrics: new PeriodicMetrics(metrics),
        queueMetrics: new QueueMetrics(metrics),
        config: { attachmentBytesPerDay: bytesPerDay },
        reportFault: (_, error) => this.faults.push(error),
      },
      sockets: {
        events: {
          toConversation: (...given) => {
            this.told.push(given);
            options.onEvent?.();
          },
        },
      },
      log,
      projection: { purger: { beforeRemoval: () => undefined } },
      history,
      conversations: { access: new Access(log.log) },
      blocks: { direct: blocks },
      repositories: this.repositories,
    });
    void this.files.start?.();
    this.messages = createMessagesModule({
      ...{ log, history, attachments: this.files },
      blocks: { direct: blocks },
    }).messages;
  }

  /** Carries out an operation for somebody; the answer fits the contract. */
  async call<Op extends Name>(
    userId: string,
    name: Op,
    input: OperationCall<Op>,
  ): Promise<OperationOutput<Op>> {
    const context = { caller: { userId, sessionId: newId() } } as unknown as MessagingContext;
    const handle = this.files.handlers[name] as (
      input: unknown,
      context: MessagingContext,
    ) => Promise<unknown>;
    const output = await handle(operations[name].input.parse(input), context);
    return operations[name].output.parse(output) as OperationOutput<Op>;
  }

  /** The error code with which an operation is refused; `undefined` when it is not. */
  async refusal<Op extends Name>(userId: string, name: Op, input: OperationCall<Op>) {
    return codeOf(this.call(userId, name, input));
  }

  /** Announces a file and uploads it. */
  async upload(userId: string, conversationId: string, file: TestFile): Promise<Attachment> {
    return (await this.uploaded(userId, conversationId, file)).attachment;
  }

  /** The same, checked. */
  async ready(userId: string, conversationId: string, file: TestFile): Promise<Attachment> {
    const { attachment, parts } = await this.uploaded(userId, conversationId, file);
    return this.call(userId, 'attachment:complete', { attachmentId: attachment.id, parts });
  }

  /** Announces a file and uploads it. Returns its parts too, if it has any. */
  async uploaded(userId: string, conversationId: string, file: TestFile) {
    const { bytes, contentType, name } = file;
    const announced = { conversationId, name, contentType, size: bytes.length };
    const { attachment, upload } = await this.call(userId, 'attachment:create', announced);
    return { attachment, parts: await putAll(upload, bytes) };
  }

  send(
    userId: string,
    conversationId: string,
    attachment: string | { readonly attachmentId: string; readonly clientId: string },
  ) {
    const author = { userId, socketId: undefined };
    const what =
      typeof attachment === 'string' ? { attachmentId: attachment, clientId: newId() } : attachment;
    return this.messages.send({ conversationId, ...what }, author);
  }

  delete(userId: string, conversationId: string, messageId: string) {
    const author = { userId, socketId: undefined };
    return this.messages.delete({ conversationId, messageId, clientId: newId() }, author);
  }

  stored(attachmentId: string): Promise<AttachmentDocument | null> {
    return this.#mongo.db
      .collection<AttachmentDocument>('attachments')
      .findOne({ _id: attachmentId });
  }

  all(): Promise<AttachmentDocument[]> {
    return this.#mongo.db.collection<AttachmentDocument>('attachments').find().toArray();
  }

  /** Waits for thumbnails, and for a sweep that began after the last call. */
  async settled(): Promise<void> {
    await this.files.thumbnails?.idle();
    // The first may join a sweep in progress.
    await this.files.sweeper?.sweepNow();
    await this.files.sweeper?.sweepNow();
    await this.files.thumbnails?.idle();
  }

  async close(): Promise<void> {
    await this.files.stop?.();
    await this.node.log.close();
  }
}

/** The error code of what is refused; `undefined` when it is not. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** Uploads bytes to the given URLs. Returns the parts, if there are any. */
async function putAll(upload: Upload, bytes: Uint8Array) {
  if (upload.kind === 'single') {
    await put(upload.url, bytes, upload.headers);
    return undefined;
  }
  const { partSize, parts } = upload;
  return Promise.all(
    parts.map(async ({ partNumber, url }, index) => {
      const { etag } = await put(url, bytes.subarray(index * partSize, (index + 1) * partSize));
      return { partNumber, etag };
    }),
  );
}

/** A PUT as a browser sends it. Returns the status and the etag. Leaves no connection behind. */
export async function put(
  url: string,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; etag: string }> {
  const body = new Uint8Array(bytes);
  const sent = { ...headers, connection: 'close' };
  const response = await fetch(url, { method: 'PUT', headers: sent, body });
  await response.arrayBuffer();
  return { status: response.status, etag: response.headers.get('etag') ?? '' };
}

/** A GET that follows nothing, read to its end. Leaves no connection behind. */
export async function get(
  url: string | URL,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const sent = { ...headers, connection: 'close' };
  const response = await fetch(url, { redirect: 'manual', headers: sent });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}
