import type { OperationCall } from '@parley/common/contract';

import type { Context } from '../context.ts';

const PREFIX = 'upload/';

type FinishedPart = NonNullable<OperationCall<'attachment:complete'>['parts']>[number];

/** How far an upload is, as it is kept on the device. */
export interface UploadRecord {
  /** `null` until the file is announced. */
  readonly attachmentId: string | null;
  /** When it was announced, by the server's clock. */
  readonly announcedAt: number;
  /** Bytes of a part; 0: it goes in one request. */
  readonly partSize: number;
  readonly done: readonly FinishedPart[];
  readonly isPaused: boolean;
}

const NEW: UploadRecord = {
  attachmentId: null,
  announcedAt: 0,
  partSize: 0,
  done: [],
  isPaused: false,
};

/** Keeps how far uploads are, by the `clientId` of their message. */
export class Records {
  readonly #vault: Context['vault'];
  readonly #records = new Map<string, UploadRecord>();

  constructor({ vault }: Pick<Context, 'vault'>) {
    this.#vault = vault;
  }

  /** What is known, after `load`. */
  get(clientId: string): UploadRecord {
    return this.#records.get(clientId) ?? NEW;
  }

  async load(clientId: string): Promise<UploadRecord> {
    const text = await this.#vault.get(PREFIX + clientId);
    const kept = parse(text);
    if (kept !== null && !this.#records.has(clientId)) this.#records.set(clientId, kept);
    return this.get(clientId);
  }

  change(clientId: string, change: Partial<UploadRecord>): void {
    const record = { ...this.get(clientId), ...change };
    this.#records.set(clientId, record);
    this.#vault.put(PREFIX + clientId, JSON.stringify(record));
  }

  /** The upload begins anew. */
  reset(clientId: string): void {
    this.change(clientId, { ...NEW, isPaused: this.get(clientId).isPaused });
  }

  remove(clientId: string): void {
    this.#records.delete(clientId);
    this.#vault.put(PREFIX + clientId, null);
  }
}

function parse(text: string | null): UploadRecord | null {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<UploadRecord> | null;
    return Array.isArray(value?.done) ? { ...NEW, ...value } : null;
  } catch {
    return null;
  }
}
