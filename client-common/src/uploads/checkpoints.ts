import type { OperationCall } from '@parley/common/contract';

import type { UserStorage } from '../core/user-storage.ts';

const PREFIX = 'upload/';

/** A part that the store has. */
export type FinishedPart = NonNullable<OperationCall<'attachment:complete'>['parts']>[number];

/** How far an upload is, as the device keeps it. */
export interface Checkpoint {
  /** `null` until the file is announced. */
  readonly attachmentId: string | null;
  /** When it was announced, by the server's clock. */
  readonly announcedAt: number;
  /** Bytes of a part; 0 if the file is sent in one request. */
  readonly partSize: number;
  readonly done: readonly FinishedPart[];
  readonly isPaused: boolean;
}

const START: Checkpoint = {
  attachmentId: null,
  announcedAt: 0,
  partSize: 0,
  done: [],
  isPaused: false,
};

/** Keeps how far uploads are, by the `clientId` of their message. */
export class Checkpoints {
  readonly #storage: Pick<UserStorage, 'get' | 'put'>;
  readonly #known = new Map<string, Checkpoint>();

  constructor(storage: Pick<UserStorage, 'get' | 'put'>) {
    this.#storage = storage;
  }

  /** What is known, after `load`. */
  get(clientId: string): Checkpoint {
    return this.#known.get(clientId) ?? START;
  }

  async load(clientId: string): Promise<Checkpoint> {
    const kept = parse(await this.#storage.get(PREFIX + clientId));
    if (kept !== null && !this.#known.has(clientId)) this.#known.set(clientId, kept);
    return this.get(clientId);
  }

  change(clientId: string, change: Partial<Checkpoint>): void {
    const checkpoint = { ...this.get(clientId), ...change };
    this.#known.set(clientId, checkpoint);
    this.#storage.put(PREFIX + clientId, JSON.stringify(checkpoint));
  }

  /** The upload starts again from the beginning. */
  reset(clientId: string): void {
    this.change(clientId, { ...START, isPaused: this.get(clientId).isPaused });
  }

  remove(clientId: string): void {
    this.#known.delete(clientId);
    this.#storage.put(PREFIX + clientId, null);
  }
}

function parse(text: string | null): Checkpoint | null {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Checkpoint> | null;
    return Array.isArray(value?.done) ? { ...START, ...value } : null;
  } catch {
    return null;
  }
}
