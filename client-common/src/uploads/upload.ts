import { AppError, DAY, HOUR } from '@parley/common';
import type {
  Attachment,
  OperationCall,
  OperationName,
  OperationOutput,
} from '@parley/common/contract';

import type { RequestOptions } from '../api/client.ts';
import type { OutgoingFile, UploadFile, UploadPhase, UploadProgress } from '../api/uploads.ts';
import { backoff } from '../connection/backoff.ts';
import { isSignedOut } from '../connection/error-body.ts';
import type { Context } from '../context.ts';
import { PartSender } from './part-sender.ts';
import type { Records, UploadRecord } from './records.ts';
import { Targets } from './targets.ts';
import type { Transfer } from './transfer.ts';
import { Waits } from './waits.ts';

/** Milliseconds for which an announced file may be uploaded; the server takes it 24 h. */
const GOOD_FOR = DAY - HOUR;
/** The server reads large files before it answers. */
const CHECK: RequestOptions = { timeoutMs: 60_000, attempts: 8 };
/** Attempts to announce while other files of this person wait for their end. */
const ANNOUNCEMENTS = 8;
/** Errors after which the file is announced and sent anew, once. */
const ANEW = new Set(['not_found', 'conflict', 'upload_incomplete']);
/** Milliseconds between two reports of progress. */
const REPORT = 120;

export interface UploadDeps {
  readonly context: Pick<Context, 'runtime' | 'requests' | 'connection' | 'probe'>;
  readonly records: Records;
  readonly transfer: Transfer;
  /** SHA-256 in hexadecimal digits, where it can be had. */
  readonly digest: (file: UploadFile) => Promise<string | null>;
  readonly report: (progress: UploadProgress) => void;
}

/** The message that a file is of. */
export interface UploadJob {
  readonly conversationId: string;
  readonly clientId: string;
  readonly file: OutgoingFile;
}

/** The way of one file to the store, from wherever it stopped: announce, send, have it checked. */
export class Upload {
  readonly #deps: UploadDeps;
  readonly #job: UploadJob;
  readonly #waits: Waits;
  readonly #targets: Targets;
  readonly #sender: PartSender;
  #phase: UploadPhase = 'waiting';
  #reportedAt = -Infinity;

  constructor(deps: UploadDeps, job: UploadJob) {
    const { context, transfer } = deps;
    this.#deps = deps;
    this.#job = job;
    this.#waits = new Waits(context);
    this.#targets = new Targets({
      now: () => context.runtime.now(),
      renew: () => this.#renew(),
    });
    this.#sender = new PartSender({
      context,
      transfer,
      waits: this.#waits,
      targets: this.#targets,
      report: (phase) => this.#report(phase),
    });
  }

  /** Resolves to the attachment as the server has it. Rejects with an `AppError`, or `Ended` after `end`. */
  async run(bytes: UploadFile): Promise<Attachment> {
    for (let anew = 0; ; anew += 1) {
      try {
        await this.#announce(bytes);
        await this.#send(bytes);
        return await this.#check();
      } catch (thrown) {
        this.#waits.check();
        const error = thrown as AppError;
        if (!this.#giveUp(error) || anew > 0 || !ANEW.has(error.code)) throw error;
      }
    }
  }

  /** Goes on now instead of at the next attempt. */
  kick(): void {
    this.#waits.kick();
  }

  /** Stops where it is; what the store has stays. */
  end(): void {
    this.#waits.end();
    this.#sender.abort();
  }

  get #record(): UploadRecord {
    return this.#deps.records.get(this.#job.clientId);
  }

  async #announce(bytes: UploadFile): Promise<void> {
    const { context, records, digest } = this.#deps;
    const { announcedAt, attachmentId } = this.#record;
    if (attachmentId !== null && context.runtime.now() - announcedAt < GOOD_FOR) return;
    this.#report('waiting');
    const sha256 = await digest(bytes).catch(() => null);
    const input = announcementOf(this.#job, sha256);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { attachment, upload } = await this.#ask('attachment:create', input);
        const partSize = upload.kind === 'multipart' ? upload.partSize : 0;
        const known = { attachmentId: attachment.id, announcedAt: attachment.createdAt };
        records.change(this.#job.clientId, { ...known, partSize, done: [] });
        this.#targets.take(upload);
        return;
      } catch (thrown) {
        const isFull = thrown instanceof AppError && thrown.code === 'limit_reached';
        if (!isFull || attempt >= ANNOUNCEMENTS) throw thrown;
        await this.#waits.for(backoff(attempt + 2, context.runtime.platform.random));
      }
    }
  }

  async #send(bytes: UploadFile): Promise<void> {
    const { records } = this.#deps;
    const { clientId } = this.#job;
    const { partSize, done } = this.#record;
    this.#report('sending');
    await this.#sender.send(bytes, {
      partSize: partSize || bytes.size,
      done: new Set(done.map(({ partNumber }) => partNumber)),
      finished: (part) => records.change(clientId, { done: [...this.#record.done, part] }),
    });
  }

  #check(): Promise<Attachment> {
    this.#report('checking');
    const { attachmentId, partSize, done } = this.#record;
    const named = { attachmentId: attachmentId ?? '' };
    const input = partSize > 0 ? { ...named, parts: [...done] } : named;
    return this.#ask('attachment:complete', input, CHECK);
  }

  async #renew() {
    const { attachmentId, partSize, done } = this.#record;
    const known = new Set(done.map(({ partNumber }) => partNumber));
    const parts = Math.ceil(this.#job.file.size / (partSize || this.#job.file.size));
    const missing = Array.from({ length: parts }, (_, index) => index + 1);
    const { upload } = await this.#ask('attachment:resume', {
      attachmentId: attachmentId ?? '',
      ...(partSize > 0 ? { partNumbers: missing.filter((number) => !known.has(number)) } : {}),
    });
    return upload;
  }

  /** Asks as long as there is no connection; every other failure is one. */
  async #ask<Name extends OperationName>(
    ...[name, input, options]: [Name, OperationCall<Name>, RequestOptions?]
  ): Promise<OperationOutput<Name>> {
    const { requests, connection } = this.#deps.context;
    for (;;) {
      await this.#waits.online(() => this.#report('waiting'));
      try {
        return await requests.call(name, input, options);
      } catch (thrown) {
        this.#waits.check();
        const error = thrown as AppError;
        if (connection.isOnline && !isSignedOut(error)) throw error;
        // The session may be over while the connection is not closed yet.
        if (connection.isOnline) await this.#waits.for(1_000);
      }
    }
  }

  /** Whether the attachment is over by this error; then the next attempt announces another one. */
  #giveUp({ code }: AppError): boolean {
    const { attachmentId } = this.#record;
    if (attachmentId === null || !(ANEW.has(code) || code === 'upload_mismatch')) return false;
    this.#deps.records.reset(this.#job.clientId);
    if (code !== 'not_found') {
      const { requests } = this.#deps.context;
      requests.call('attachment:cancel', { attachmentId }).catch(() => undefined);
    }
    return true;
  }

  #report(phase: UploadPhase): void {
    const now = this.#deps.context.runtime.platform.now();
    if (phase === this.#phase && phase === 'sending' && now - this.#reportedAt < REPORT) return;
    this.#phase = phase;
    this.#reportedAt = now;
    const { size } = this.#job.file;
    const { partSize, done } = this.#record;
    const stored = Math.min(size, done.length * (partSize || size));
    this.#deps.report({ phase, sentBytes: Math.min(size, stored + this.#sender.flying), size });
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
