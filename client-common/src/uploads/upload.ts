import { AppError, DAY, HOUR } from '@parley/common';
import type {
  Attachment,
  OperationCall,
  OperationName,
  OperationOutput,
  Upload as UploadTarget,
} from '@parley/common/contract';

import type { OutgoingFile, UploadPhase, UploadProgress } from '../attachments/types.ts';
import type { RequestOptions } from '../core/requests.ts';
import { isSessionOver } from '../core/session-over.ts';
import { CancellableWaits } from './cancellable-waits.ts';
import type { Checkpoint, Checkpoints } from './checkpoints.ts';
import { PartSender } from './part-sender.ts';
import { requireReadable } from './readable-file.ts';
import type { Transfer } from './transfer.ts';
import type { UploadFile, UploadsHost } from './types.ts';
import { UploadUrls } from './upload-urls.ts';

/** Milliseconds during which an announced file may be uploaded; the server accepts it for 24 h. */
const VALID_FOR = DAY - HOUR;
/** The server reads large files before it answers. */
const CHECK: RequestOptions = { timeoutMs: 60_000, attempts: 8 };
/** Attempts to announce while other files of this user have to finish first. */
const ANNOUNCEMENTS = 8;
/** Errors after which the file is announced and sent again, once. */
const STARTS_OVER = new Set(['not_found', 'conflict', 'upload_incomplete']);
/** Milliseconds between two reports of progress. */
const REPORT = 120;

export interface UploadDeps {
  readonly host: Pick<UploadsHost, 'connection' | 'probe' | 'requests' | 'runtime'>;
  readonly checkpoints: Checkpoints;
  readonly transfer: Transfer;
  /** SHA-256 in hexadecimal digits; `null` where it is not available. */
  readonly digest: (file: UploadFile) => Promise<string | null>;
  readonly report: (progress: UploadProgress) => void;
}

/** The message that a file belongs to. */
export interface UploadJob {
  readonly conversationId: string;
  readonly clientId: string;
  readonly file: OutgoingFile;
}

/** The upload of one file, from its last checkpoint: announce, send, have it checked. */
export class Upload {
  readonly #deps: UploadDeps;
  readonly #job: UploadJob;
  readonly #waits: CancellableWaits;
  readonly #urls: UploadUrls;
  readonly #sender: PartSender;
  #phase: UploadPhase = 'waiting';
  #reportedAt = -Infinity;

  constructor(deps: UploadDeps, job: UploadJob) {
    const { host, transfer } = deps;
    this.#deps = deps;
    this.#job = job;
    this.#waits = new CancellableWaits(host);
    this.#urls = new UploadUrls({
      now: () => host.runtime.now(),
      renew: () => this.#renew(),
    });
    this.#sender = new PartSender({
      host,
      transfer,
      waits: this.#waits,
      urls: this.#urls,
      report: (phase) => this.#report(phase),
    });
  }

  /** Resolves to the attachment as the server has it. Rejects with an `AppError`, or `Cancelled` after `cancel`. */
  async run(bytes: UploadFile): Promise<Attachment> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        await requireReadable(this.#deps.transfer, bytes);
        await this.#announce(bytes);
        await this.#send(bytes);
        return await this.#complete();
      } catch (thrown) {
        this.#waits.check();
        const error = thrown as AppError;
        const isGone = this.#giveUp(error);
        if (!isGone || restarts > 0 || !STARTS_OVER.has(error.code)) throw error;
      }
    }
  }

  /** Ends a wait for the next attempt. */
  retryNow(): void {
    this.#waits.wakeAll();
  }

  /** Stops; what the store has stays there. */
  cancel(): void {
    this.#waits.cancel();
    this.#sender.abort();
  }

  get #checkpoint(): Checkpoint {
    return this.#deps.checkpoints.get(this.#job.clientId);
  }

  async #announce(bytes: UploadFile): Promise<void> {
    const { host, checkpoints, digest } = this.#deps;
    const { announcedAt, attachmentId } = this.#checkpoint;
    if (attachmentId !== null && host.runtime.now() - announcedAt < VALID_FOR) return;
    this.#report('waiting');
    const sha256 = await digest(bytes).catch(() => null);
    const input = announcementOf(this.#job, sha256);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { attachment, upload } = await this.#ask('attachment:create', input);
        const partSize = upload.kind === 'multipart' ? upload.partSize : 0;
        const known = { attachmentId: attachment.id, announcedAt: attachment.createdAt };
        checkpoints.change(this.#job.clientId, { ...known, partSize, done: [] });
        this.#urls.set(upload);
        return;
      } catch (thrown) {
        const isFull = thrown instanceof AppError && thrown.code === 'limit_reached';
        if (!isFull || attempt >= ANNOUNCEMENTS) throw thrown;
        await this.#waits.delay(host.runtime.backoff(attempt + 2));
      }
    }
  }

  async #send(bytes: UploadFile): Promise<void> {
    const { checkpoints } = this.#deps;
    const { clientId } = this.#job;
    const { partSize, done } = this.#checkpoint;
    this.#report('sending');
    await this.#sender.send(bytes, {
      partSize: partSize || bytes.size,
      done: new Set(done.map(({ partNumber }) => partNumber)),
      finished: (part) => checkpoints.change(clientId, { done: [...this.#checkpoint.done, part] }),
    });
  }

  #complete(): Promise<Attachment> {
    this.#report('checking');
    const { attachmentId, partSize, done } = this.#checkpoint;
    const named = { attachmentId: attachmentId ?? '' };
    const input = partSize > 0 ? { ...named, parts: [...done] } : named;
    return this.#ask('attachment:complete', input, CHECK);
  }

  async #renew(): Promise<UploadTarget> {
    const { attachmentId, partSize, done } = this.#checkpoint;
    const known = new Set(done.map(({ partNumber }) => partNumber));
    const parts = Math.ceil(this.#job.file.size / (partSize || this.#job.file.size));
    const all = Array.from({ length: parts }, (_, index) => index + 1);
    const { upload } = await this.#ask('attachment:resume', {
      attachmentId: attachmentId ?? '',
      ...(partSize > 0 ? { partNumbers: all.filter((number) => !known.has(number)) } : {}),
    });
    return upload;
  }

  /** Waits for a connection as long as it takes. Failures while there is one are final. */
  async #ask<Name extends OperationName>(
    ...[name, input, options]: [Name, OperationCall<Name>, RequestOptions?]
  ): Promise<OperationOutput<Name>> {
    const { requests, connection } = this.#deps.host;
    for (;;) {
      await this.#waits.online(() => this.#report('waiting'));
      try {
        return await requests.call(name, input, options);
      } catch (thrown) {
        this.#waits.check();
        const error = thrown as AppError;
        if (connection.isOnline && !isSessionOver(error)) throw error;
        // The session may be over before the connection is closed.
        if (connection.isOnline) await this.#waits.delay(1_000);
      }
    }
  }

  /** Drops the attachment if the error ends it. Returns whether it did: then the next attempt announces another one. */
  #giveUp({ code }: AppError): boolean {
    const { attachmentId } = this.#checkpoint;
    const isOver = STARTS_OVER.has(code) || code === 'upload_mismatch';
    if (attachmentId === null || !isOver) return false;
    this.#deps.checkpoints.reset(this.#job.clientId);
    if (code !== 'not_found') {
      const { requests } = this.#deps.host;
      requests.call('attachment:cancel', { attachmentId }).catch(() => undefined);
    }
    return true;
  }

  #report(phase: UploadPhase): void {
    const now = this.#deps.host.runtime.deviceNow();
    if (phase === this.#phase && phase === 'sending' && now - this.#reportedAt < REPORT) return;
    this.#phase = phase;
    this.#reportedAt = now;
    const { size } = this.#job.file;
    const { partSize, done } = this.#checkpoint;
    const sentBytes = done.length * (partSize || size) + this.#sender.unfinishedBytes;
    this.#deps.report({ phase, sentBytes: Math.min(size, sentBytes), size });
  }
}

function announcementOf(
  { conversationId, file }: UploadJob,
  sha256: string | null,
): OperationCall<'attachment:create'> {
  const { name, contentType, size, width, height, durationMs } = file;
  return {
    ...{ conversationId, name, contentType, size },
    ...(sha256 === null ? {} : { sha256 }),
    ...(width === null || height === null ? {} : { width, height }),
    ...(durationMs === null ? {} : { durationMs }),
  };
}
