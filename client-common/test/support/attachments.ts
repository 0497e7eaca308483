import { AppError, HOUR } from '@parley/common';
import type { Attachment, OperationCall, OperationName, Upload } from '@parley/common/contract';

import type { Done, Operation } from './operations.ts';
import type { FakeStore } from './fake-store.ts';
import type { World } from './world.ts';

/** Files above this size go in parts of this size, so that tests need no large files. */
export const PART = 1_000;

interface Announced {
  attachment: Attachment;
  readonly announcedAt: number;
}

/** The attachments of the fake server. */
export class FakeAttachments {
  readonly uploads = new Map<string, Announced>();
  readonly store: FakeStore;
  /** Milliseconds for which an upload URL is valid. */
  urlLasts = HOUR;

  constructor(store: FakeStore) {
    this.store = store;
  }

  get(attachmentId: unknown): Announced {
    const upload = this.uploads.get(attachmentId as string);
    if (upload === undefined) throw new AppError('not_found');
    return upload;
  }

  upload({ id, size }: Attachment, now: number, numbers?: readonly number[]): Upload {
    const expiresAt = now + this.urlLasts;
    if (size <= PART) {
      const url = this.store.url(id, 1, expiresAt);
      return { kind: 'single', method: 'PUT', url, headers: { 'if-none-match': '*' }, expiresAt };
    }
    const all = Array.from({ length: Math.ceil(size / PART) }, (_, index) => index + 1);
    const parts = (numbers ?? all).map((partNumber) => {
      return { partNumber, url: this.store.url(id, partNumber, expiresAt) };
    });
    return { kind: 'multipart', partSize: PART, parts, expiresAt };
  }
}

const attachmentsOf = (world: World): FakeAttachments => {
  if (world.attachments === null) {
    throw new AppError('unavailable', 'There is no store', { retryable: false });
  }
  return world.attachments;
};

/** The operations on attachments of a server with an object store. */
export const attachmentOperations: Record<
  Extract<OperationName, `attachment:${string}`>,
  Operation
> = {
  'attachment:create': (world, input, userId): Done => {
    const attachments = attachmentsOf(world);
    const call = input as unknown as OperationCall<'attachment:create'>;
    const { width = null, height = null, durationMs = null } = call;
    const attachment: Attachment = {
      id: world.newId(),
      conversationId: call.conversationId,
      ownerId: userId,
      name: call.name,
      contentType: call.contentType,
      size: call.size,
      kind: call.contentType.startsWith('image/') ? 'image' : 'file',
      state: 'pending',
      ...{ width, height, durationMs },
      thumbnail: false,
      createdAt: world.now(),
    };
    attachments.uploads.set(attachment.id, { attachment, announcedAt: world.now() });
    return { data: { attachment, upload: attachments.upload(attachment, world.now()) } };
  },
  'attachment:resume': (world, input) => {
    const attachments = attachmentsOf(world);
    const { attachment } = attachments.get(input['attachmentId']);
    if (attachment.state !== 'pending') throw new AppError('conflict');
    return { data: { upload: attachments.upload(attachment, world.now(), input['partNumbers']) } };
  },
  'attachment:complete': (world, input) => {
    const attachments = attachmentsOf(world);
    const known = attachments.get(input['attachmentId']);
    const parts = attachments.store.objects.get(known.attachment.id);
    const bytes = [...(parts ?? [])].reduce((sum, [, blob]) => sum + blob.size, 0);
    if (bytes < known.attachment.size) throw new AppError('upload_incomplete');
    known.attachment = { ...known.attachment, state: 'ready' };
    return { data: known.attachment };
  },
  'attachment:cancel': (world, input) => {
    attachmentsOf(world).uploads.delete(input['attachmentId'] as unknown as string);
    return { data: {} };
  },
  'attachment:url': (world, input) => {
    const { attachment } = attachmentsOf(world).get(input['attachmentId']);
    const expiresAt = world.now() + 120_000;
    return {
      data: { url: attachmentsOf(world).store.url(attachment.id, 0, expiresAt), expiresAt },
    };
  },
};

/** The file of a message that is sent. Throws `not_found` unless it is all there. */
export function readyFile(world: World, attachmentId: string): Attachment {
  const { attachment } = attachmentsOf(world).get(attachmentId);
  if (attachment.state !== 'ready') throw new AppError('not_found');
  return attachment;
}
