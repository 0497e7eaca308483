import { AppError, toMessageText } from '@parley/common';
import type { Attachment } from '@parley/common/contract';

import type { UploadPhase, UploadProgress } from '../attachments/types.ts';
import { type OutgoingMessage, UNTRIED } from '../outbox/outgoing-message.ts';
import { Cancelled } from './cancellable-waits.ts';
import { Checkpoints } from './checkpoints.ts';
import { describeFile, isSameFile } from './describe-file.ts';
import { DownloadUrls } from './download-urls.ts';
import { FileMessages, type MessageKey } from './file-messages.ts';
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

interface Job extends MessageKey {
  state: 'queued' | 'running' | 'paused';
  upload: Upload | null;
}

/** All files that are being sent: their order, and what the device keeps of them. */
export class UploadQueue implements ClientUploads {
  readonly #host: UploadsHost;
  readonly #options: UploadsOptions;
  readonly #checkpoints: Checkpoints;
  readonly #urls: DownloadUrls;
  readonly #files: OutgoingFiles;
  readonly #messages: FileMessages;
  readonly #jobs = new Map<string, Job>();
  #running = 0;

  constructor(host: UploadsHost, options: UploadsOptions) {
    this.#host = host;
    this.#options = options;
    this.#checkpoints = new Checkpoints(host.storage);
    this.#urls = new DownloadUrls(host);
    this.#messages = new FileMessages(host.outbox);
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
    const message = this.#messages.find({ conversationId, clientId });
    if (message !== undefined) this.#need(message);
  };

  readonly provide = (conversationId: string, clientId: string, file: UploadFile): void => {
    const queue = this.#messages.queue({ conversationId });
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
      if (this.#messages.find({ conversationId, clientId }) !== undefined) return;
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
      const attachment = await this.#upload(job);
      this.#jobs.delete(job.clientId);
      this.#messages.finished(job, attachment);
    } catch (thrown) {
      if (thrown instanceof Cancelled) return;
      this.#jobs.delete(job.clientId);
      this.#messages.failed(job, thrown);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  async #upload(job: Job): Promise<Attachment> {
    const { conversationId, clientId } = job;
    const bytes = await this.#files.get(clientId);
    const file = this.#messages.find(job)?.file;
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

  /** Reports the progress of a file that is not being sent now. */
  #reportCheckpoint(job: Job, phase: UploadPhase): void {
    const size = this.#messages.find(job)?.file?.size ?? 0;
    const { partSize, done } = this.#checkpoints.get(job.clientId);
    this.#report(job, { phase, sentBytes: Math.min(size, done.length * (partSize || size)), size });
  }

  #report(job: Job, upload: UploadProgress): void {
    if (this.#jobs.get(job.clientId) !== job) return;
    if (job.state === 'paused' && upload.phase !== 'paused') return;
    this.#messages.report(job, upload);
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
