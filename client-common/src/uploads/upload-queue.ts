import { AppError, toMessageText } from '@parley/common';
import type { Attachment } from '@parley/common/contract';

import type { OutgoingFile, UploadPhase, UploadProgress } from '../attachments/types.ts';
import type { OutboxQueue } from '../outbox/outbox-queue.ts';
import { failedWith, type OutgoingMessage, UNTRIED } from '../outbox/outgoing-message.ts';
import { Cancelled } from './cancellable-waits.ts';
import { Checkpoints } from './checkpoints.ts';
import { cleanName, describeFile } from './describe-file.ts';
import { DownloadUrls } from './download-urls.ts';
import { type FileStore, memoryFiles } from './file-store.ts';
import { OutgoingFiles } from './outgoing-files.ts';
import type { Transfer } from './transfer.ts';
import type { ClientUploads, SendFileOptions, UploadFile, UploadsHost } from './types.ts';
import { Upload } from './upload.ts';

/** Files uploaded at a time; the server allows a user 5 unfinished ones. */
const PARALLEL = 2;

/** What uploads need from their environment. */
export interface UploadsOptions {
  /** How bytes are sent to the store. */
  readonly transfer: Transfer;
  /** Keeps files over a restart. Default: memory; then the app has to ask for the file again. */
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

/** All files that are being sent: their order, what the device keeps, and the state of their messages. */
export class UploadQueue implements ClientUploads {
  readonly #host: UploadsHost;
  readonly #options: UploadsOptions;
  readonly #checkpoints: Checkpoints;
  readonly #urls: DownloadUrls;
  readonly #files: OutgoingFiles;
  readonly #jobs = new Map<string, Job>();
  #running = 0;

  constructor(host: UploadsHost, options: UploadsOptions) {
    this.#host = host;
    this.#options = options;
    this.#checkpoints = new Checkpoints(host.storage);
    this.#urls = new DownloadUrls(host);
    this.#files = new OutgoingFiles({
      storage: host.storage,
      store: options.files ?? memoryFiles(),
    });
    this.#listen();
  }

  readonly send = (
    ...[conversationId, file, options = {}]: [string, UploadFile, SendFileOptions?]
  ): string => {
    const described = describeFile(file, options);
    const text =
      options.text === undefined || options.text === '' ? null : toMessageText(options.text);
    const conversation = this.#host.conversations.of(conversationId);
    const content = { text, file: described, replyTo: options.replyTo };
    const clientId = conversation.compose(content);
    this.#files.add(clientId, file);
    return clientId;
  };

  readonly pause = (_conversationId: string, clientId: string): void => {
    const job = this.#jobs.get(clientId);
    if (job === undefined || job.state === 'paused') return;
    job.state = 'paused';
    job.upload?.cancel();
    this.#checkpoints.change(clientId, { isPaused: true });
    this.#reportCheckpoint(job, 'paused');
  };

  readonly resume = (conversationId: string, clientId: string): void => {
    this.#checkpoints.change(clientId, { isPaused: false });
    const job = this.#jobs.get(clientId);
    if (job?.state !== 'paused') return;
    this.#jobs.delete(clientId);
    const message = this.#find({ conversationId, clientId });
    if (message !== undefined) this.#need(message);
  };

  readonly provide = (conversationId: string, clientId: string, file: UploadFile): void => {
    const queue = this.#queue({ conversationId });
    const wanted = queue.find(clientId)?.file;
    if (wanted === undefined) throw new AppError('not_found');
    if (!isSameFile(wanted, file)) throw new AppError('upload_mismatch', 'This is another file');
    this.#files.add(clientId, file);
    queue.retry(clientId, (failed) => ({ ...failed, state: UNTRIED }));
  };

  readonly url: ClientUploads['url'] = (attachmentId, variant) =>
    this.#urls.of(attachmentId, variant);

  readonly file = (_conversationId: string, clientId: string): Promise<UploadFile | null> =>
    this.#files.get(clientId);

  readonly wipe = (): Promise<void> => {
    this.#stop();
    return this.#files.wipe();
  };

  #listen(): void {
    const { connection, outbox } = this.#host;
    outbox.events.on('fileNeeded', (message) => this.#need(message));
    outbox.events.on('removed', (message) => this.#removed(message));
    let wasOnline = false;
    connection.state.subscribe(() => {
      if (!connection.isStarted) this.#stop();
      if (connection.isOnline && !wasOnline) void this.#files.sweep();
      wasOnline = connection.isOnline;
    });
  }

  #need({ conversationId, clientId }: OutgoingMessage): void {
    const known = this.#jobs.get(clientId);
    if (known !== undefined) {
      known.upload?.retryNow();
      return;
    }
    const job: Job = { conversationId, clientId, state: 'queued', upload: null };
    this.#jobs.set(clientId, job);
    void this.#prepare(job);
  }

  #removed({ conversationId, clientId, file, state }: OutgoingMessage): void {
    if (file === undefined) return;
    if (state.name === 'stored') {
      this.#drop(clientId);
      return;
    }
    void Promise.resolve().then(async () => {
      // A retry puts the message back within the same turn.
      if (this.#find({ conversationId, clientId }) !== undefined) return;
      const { attachmentId } = await this.#checkpoints.load(clientId);
      this.#drop(clientId);
      if (attachmentId === null) return;
      const { requests } = this.#host;
      await requests.call('attachment:cancel', { attachmentId }).catch(() => undefined);
    });
  }

  async #prepare(job: Job): Promise<void> {
    const { isPaused } = await this.#checkpoints.load(job.clientId);
    if (isPaused) job.state = 'paused';
    this.#reportCheckpoint(job, isPaused ? 'paused' : 'waiting');
    this.#next();
  }

  /** Starts the jobs that may run, in their order. */
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
      this.#finished(job, await this.#upload(job));
    } catch (thrown) {
      if (!(thrown instanceof Cancelled)) this.#failed(job, thrown);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  async #upload(job: Job): Promise<Attachment> {
    const { conversationId, clientId } = job;
    const bytes = await this.#files.get(clientId);
    const file = this.#find(job)?.file;
    if (file === undefined || job.state !== 'running') throw new Cancelled();
    if (bytes === null)
      throw new AppError('upload_incomplete', 'The file is not available any more');
    const { transfer, digest = () => Promise.resolve(null) } = this.#options;
    const deps = {
      host: this.#host,
      checkpoints: this.#checkpoints,
      transfer,
      digest,
      report: (progress: UploadProgress) => this.#report(job, progress),
    };
    job.upload = new Upload(deps, { conversationId, clientId, file });
    return job.upload.run(bytes);
  }

  #finished(job: Job, attachment: Attachment): void {
    this.#jobs.delete(job.clientId);
    const message = this.#find(job);
    if (message === undefined) return;
    const { id, name, contentType, size, kind, width, height, durationMs, thumbnail } = attachment;
    const file = { id, name, contentType, size, kind, width, height, durationMs, thumbnail };
    this.#queue(job).update({ ...message, file, state: UNTRIED });
  }

  #failed(job: Job, thrown: unknown): void {
    this.#jobs.delete(job.clientId);
    const message = this.#find(job);
    const error = thrown instanceof AppError ? thrown : new AppError('internal');
    if (message !== undefined) this.#queue(job).update({ ...message, state: failedWith(error) });
  }

  /** Reports the progress of a file that is not being sent now. */
  #reportCheckpoint(job: Job, phase: UploadPhase): void {
    const size = this.#find(job)?.file?.size ?? 0;
    const { partSize, done } = this.#checkpoints.get(job.clientId);
    this.#report(job, { phase, sentBytes: Math.min(size, done.length * (partSize || size)), size });
  }

  #report(job: Job, upload: UploadProgress): void {
    const message = this.#find(job);
    if (message?.state.name !== 'waiting' || this.#jobs.get(job.clientId) !== job) return;
    if (job.state === 'paused' && upload.phase !== 'paused') return;
    const delivery = { state: 'sending', cancellable: true, upload } as const;
    this.#queue(job).show({ ...message, state: { ...message.state, delivery } });
  }

  #find(job: Pick<Job, 'conversationId' | 'clientId'>): OutgoingMessage | undefined {
    return this.#queue(job).find(job.clientId);
  }

  #queue({ conversationId }: Pick<Job, 'conversationId'>): OutboxQueue {
    return this.#host.outbox.queue(conversationId);
  }

  #stop(): void {
    for (const job of this.#jobs.values()) job.upload?.cancel();
    this.#jobs.clear();
  }

  /** The file is not needed any more. */
  #drop(clientId: string): void {
    this.#jobs.get(clientId)?.upload?.cancel();
    this.#jobs.delete(clientId);
    this.#files.remove(clientId);
    this.#checkpoints.remove(clientId);
  }
}

/** Whether it is the file that was chosen, as far as a page can tell. */
function isSameFile(wanted: OutgoingFile, file: UploadFile): boolean {
  const times = [wanted.lastModified ?? null, file.lastModified ?? null];
  const sameTime = times.includes(null) || times[0] === times[1];
  return wanted.name === cleanName(file.name) && wanted.size === file.size && sameTime;
}
