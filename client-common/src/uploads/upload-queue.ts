import { AppError } from '@parley/common';
import type { Attachment } from '@parley/common/contract';

import type {
  OutgoingFile,
  SendFileOptions,
  UploadFile,
  UploadPhase,
  UploadProgress,
  UploadsPart,
} from '../api/uploads.ts';
import type { Context } from '../context.ts';
import { checkText } from '../conversations/check-text.ts';
import { compose } from '../conversations/compose.ts';
import { deserialise, failedWith, type Pending, UNTRIED } from '../outbox/pending.ts';
import { cleanName, describe } from './describe.ts';
import { type FileStore, memoryFiles } from './files.ts';
import { Records } from './records.ts';
import type { Transfer } from './transfer.ts';
import { Upload } from './upload.ts';
import { AttachmentUrls } from './urls.ts';
import { Ended } from './waits.ts';

/** Files on their way at a time; the server lets a person have 5 unfinished ones. */
const PARALLEL = 2;

/** What uploads need from where they run. */
export interface UploadParts {
  /** How bytes come to the store. */
  readonly transfer: Transfer;
  /** Keeps files over a reload. Default: memory; then the person is asked for the file again. */
  readonly files?: FileStore;
  /** SHA-256 of a file in hexadecimal digits, `null` where that costs too much. Default: none. */
  readonly digest?: (file: UploadFile) => Promise<string | null>;
}

interface Job {
  readonly conversationId: string;
  readonly clientId: string;
  state: 'queued' | 'running' | 'paused';
  upload: Upload | null;
}

/** All files on their way: whose turn it is, what is kept of them, and what becomes of their messages. */
export class UploadQueue implements UploadsPart {
  readonly #context: Context;
  readonly #parts: Required<UploadParts>;
  readonly #records: Records;
  readonly #urls: AttachmentUrls;
  readonly #files = new Map<string, UploadFile>();
  readonly #jobs = new Map<string, Job>();
  #running = 0;

  constructor(context: Context, parts: UploadParts) {
    this.#context = context;
    this.#parts = { files: memoryFiles(), digest: () => Promise.resolve(null), ...parts };
    this.#records = new Records(context);
    this.#urls = new AttachmentUrls(context);
  }

  /** Follows the connection; called once the parts of the client are made. */
  watch(): void {
    const { connection } = this.#context;
    let wasOnline = false;
    connection.state.subscribe(() => {
      if (!connection.isWanted) this.#stop();
      if (connection.isOnline && !wasOnline) void this.#sweep().catch(() => undefined);
      wasOnline = connection.isOnline;
    });
  }

  readonly send = (
    ...[conversationId, file, options = {}]: [string, UploadFile, SendFileOptions?]
  ): string => {
    const described = describe(file, options);
    const text = options.text === undefined || options.text === '' ? null : checkText(options.text);
    const conversation = this.#context.conversations.of(conversationId);
    const content = { text, file: described, replyTo: options.replyTo };
    const clientId = compose(conversation, this.#context, content);
    this.#files.set(clientId, file);
    this.#parts.files.put(this.#key(clientId), file).catch(() => undefined);
    return clientId;
  };

  readonly pause = (_conversationId: string, clientId: string): void => {
    const job = this.#jobs.get(clientId);
    if (job === undefined || job.state === 'paused') return;
    job.state = 'paused';
    job.upload?.end();
    this.#records.change(clientId, { isPaused: true });
    this.#reportWhere(job, 'paused');
  };

  readonly resume = (conversationId: string, clientId: string): void => {
    this.#records.change(clientId, { isPaused: false });
    const job = this.#jobs.get(clientId);
    if (job?.state !== 'paused') return;
    this.#jobs.delete(clientId);
    const pending = this.#find({ conversationId, clientId });
    if (pending !== undefined) this.want(pending);
  };

  readonly provide = (conversationId: string, clientId: string, file: UploadFile): void => {
    const { lane } = this.#context.conversations.of(conversationId);
    const wanted = lane.find(clientId)?.file;
    if (wanted === undefined) throw new AppError('not_found');
    if (!isSameFile(wanted, file)) throw new AppError('upload_mismatch', 'This is another file');
    this.#files.set(clientId, file);
    this.#parts.files.put(this.#key(clientId), file).catch(() => undefined);
    lane.retry(clientId, (failed) => ({ ...failed, state: UNTRIED }));
  };

  readonly url: UploadsPart['url'] = (attachmentId, variant) =>
    this.#urls.of(attachmentId, variant);

  readonly file = async (_conversationId: string, clientId: string): Promise<UploadFile | null> => {
    const held = this.#files.get(clientId);
    return held ?? this.#parts.files.get(this.#key(clientId)).catch(() => null);
  };

  readonly want = ({ conversationId, clientId }: Pending): void => {
    const known = this.#jobs.get(clientId);
    if (known !== undefined) {
      known.upload?.kick();
      return;
    }
    const job: Job = { conversationId, clientId, state: 'queued', upload: null };
    this.#jobs.set(clientId, job);
    void this.#prepare(job);
  };

  readonly forget = ({ conversationId, clientId, file, state }: Pending): void => {
    if (file === undefined) return;
    if (state.name === 'stored') {
      this.#drop(clientId);
      return;
    }
    void Promise.resolve().then(async () => {
      // Put back in the same turn: it is tried again.
      if (this.#find({ conversationId, clientId }) !== undefined) return;
      const { attachmentId } = await this.#records.load(clientId);
      this.#drop(clientId);
      if (attachmentId === null) return;
      const { requests } = this.#context;
      await requests.call('attachment:cancel', { attachmentId }).catch(() => undefined);
    });
  };

  readonly wipe = async (): Promise<void> => {
    this.#stop();
    this.#files.clear();
    await this.#removeFiles(() => true).catch(() => undefined);
  };

  async #prepare(job: Job): Promise<void> {
    const { isPaused } = await this.#records.load(job.clientId);
    if (isPaused) job.state = 'paused';
    this.#reportWhere(job, isPaused ? 'paused' : 'waiting');
    this.#next();
  }

  /** Begins what may run, in the order in which it was wanted. */
  #next(): void {
    for (const job of this.#jobs.values()) {
      if (this.#running >= PARALLEL) return;
      if (job.state === 'queued') void this.#run(job);
    }
  }

  async #run(job: Job): Promise<void> {
    this.#running += 1;
    job.state = 'running';
    try {
      this.#ready(job, await this.#upload(job));
    } catch (thrown) {
      if (!(thrown instanceof Ended)) this.#failed(job, thrown);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  async #upload(job: Job): Promise<Attachment> {
    const { conversationId, clientId } = job;
    const bytes = await this.file(conversationId, clientId);
    const file = this.#find(job)?.file;
    if (file === undefined || job.state !== 'running') throw new Ended();
    if (bytes === null) throw new AppError('upload_incomplete', 'The file is not at hand any more');
    const deps = {
      context: this.#context,
      records: this.#records,
      transfer: this.#parts.transfer,
      digest: this.#parts.digest,
      report: (progress: UploadProgress) => this.#report(job, progress),
    };
    job.upload = new Upload(deps, { conversationId, clientId, file });
    return job.upload.run(bytes);
  }

  #ready(job: Job, attachment: Attachment): void {
    this.#jobs.delete(job.clientId);
    const pending = this.#find(job);
    if (pending === undefined) return;
    const { id, name, contentType, size, kind, width, height, durationMs, thumbnail } = attachment;
    const shown = { id, name, contentType, size, kind, width, height, durationMs, thumbnail };
    this.#lane(job).put({ ...pending, file: shown, state: UNTRIED });
  }

  #failed(job: Job, thrown: unknown): void {
    this.#jobs.delete(job.clientId);
    const pending = this.#find(job);
    const error = thrown instanceof AppError ? thrown : new AppError('internal');
    if (pending !== undefined) this.#lane(job).put({ ...pending, state: failedWith(error) });
  }

  /** Shows how far a file is that does not move. */
  #reportWhere(job: Job, phase: UploadPhase): void {
    const size = this.#find(job)?.file?.size ?? 0;
    const { partSize, done } = this.#records.get(job.clientId);
    this.#report(job, { phase, sentBytes: Math.min(size, done.length * (partSize || size)), size });
  }

  #report(job: Job, upload: UploadProgress): void {
    const pending = this.#find(job);
    if (pending?.state.name !== 'waiting' || this.#jobs.get(job.clientId) !== job) return;
    if (job.state === 'paused' && upload.phase !== 'paused') return;
    const delivery = { state: 'sending', cancellable: true, upload } as const;
    this.#lane(job).show({ ...pending, state: { ...pending.state, delivery } });
  }

  #find({ conversationId, clientId }: Pick<Job, 'conversationId' | 'clientId'>) {
    return this.#context.conversations.of(conversationId).lane.find(clientId);
  }

  #lane({ conversationId }: Job) {
    return this.#context.conversations.of(conversationId).lane;
  }

  #key(clientId: string): string {
    return clientId;
  }

  #stop(): void {
    for (const job of this.#jobs.values()) job.upload?.end();
    this.#jobs.clear();
  }

  /** Nothing of a file is needed any more. */
  #drop(clientId: string): void {
    this.#jobs.get(clientId)?.upload?.end();
    this.#jobs.delete(clientId);
    this.#files.delete(clientId);
    this.#records.remove(clientId);
    this.#parts.files.remove(this.#key(clientId)).catch(() => undefined);
  }

  /** Removes files whose message is not in any outbox of this person's device any more. */
  async #sweep(): Promise<void> {
    const { vault } = this.#context;
    const kept = await Promise.all((await vault.keys('outbox/')).map((key) => vault.get(key)));
    const wanted = new Set(kept.map((text) => deserialise(text ?? '')?.clientId));
    await this.#removeFiles((key) => !wanted.has(key) && !this.#files.has(key));
  }

  async #removeFiles(isOver: (key: string) => boolean): Promise<void> {
    const { files } = this.#parts;
    const keys = await files.keys();
    await Promise.all(keys.filter(isOver).map((key) => files.remove(key)));
  }
}

/** Whether it is the file that was chosen, as far as a page can tell. */
function isSameFile(wanted: OutgoingFile, file: UploadFile): boolean {
  const times = [wanted.lastModified ?? null, file.lastModified ?? null];
  const sameTime = times.includes(null) || times[0] === times[1];
  return wanted.name === cleanName(file.name) && wanted.size === file.size && sameTime;
}
