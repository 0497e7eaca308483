import type { EventPayload } from '@parley/common/contract';

import type { Connection } from './core/connection.ts';
import type { Runtime } from './core/runtime.ts';
import type { SelfState } from './core/self.ts';
import type { UserStorage } from './core/user-storage.ts';
import type { WakeDetector } from './core/wake-detector.ts';

export interface LifecycleDeps {
  readonly runtime: Pick<Runtime, 'close' | 'open' | 'setTime'>;
  readonly connection: Pick<Connection, 'events' | 'isStarted' | 'start' | 'stop'>;
  readonly wakeDetector: Pick<WakeDetector, 'start' | 'stop'>;
  readonly self: Pick<SelfState, 'id' | 'set'>;
  readonly storage: Pick<UserStorage, 'lastUser' | 'open' | 'wipe'>;
  readonly cacheWriter: { clear(): void; flush(): void };
  readonly outbox: { close(): void; takeOver(userId: string): Promise<void> };
  readonly conversations: { clear(): void; restore(): Promise<void> };
  readonly profiles: { clear(): void; restore(): Promise<void> };
  readonly uploads: { wipe(): Promise<void> } | null;
  /** The user, if the app knows. */
  readonly userId?: string;
}

/** Starts and stops a client, and changes its user. */
export class Lifecycle {
  readonly #deps: LifecycleDeps;
  #run = 0;
  #restored: Promise<void> | undefined;

  constructor(deps: LifecycleDeps) {
    this.#deps = deps;
    const { events } = deps.connection;
    events.on('ready', (event) => this.#ready(event));
    // Somebody else may use the device now. Unsent messages wait for the same user.
    events.on('signedOut', () => deps.cacheWriter.clear());
  }

  start(): void {
    const { connection, runtime, wakeDetector } = this.#deps;
    if (connection.isStarted) return;
    runtime.open();
    wakeDetector.start();
    this.#run += 1;
    this.#restored = this.#restore(this.#run);
    connection.start(this.#restored);
  }

  stop(): void {
    const { cacheWriter, connection, outbox, runtime, wakeDetector } = this.#deps;
    this.#run += 1;
    connection.stop();
    wakeDetector.stop();
    cacheWriter.flush();
    outbox.close();
    runtime.close();
  }

  /** Stops, and removes everything that the device keeps. */
  async signOut(): Promise<void> {
    this.stop();
    await this.#restored;
    this.#forget();
    await this.#deps.uploads?.wipe();
    await this.#deps.storage.wipe();
  }

  /** Shows what the device kept. */
  async #restore(run: number): Promise<void> {
    const { conversations, outbox, profiles, self, storage, userId } = this.#deps;
    const id = self.id || userId || (await storage.lastUser());
    if (!id) return;
    // Also if the client was stopped in the meantime: messages may wait for it.
    await storage.open(id);
    if (run !== this.#run) return;
    self.set({ userId: id, sessionId: null, attachments: true });
    await profiles.restore();
    await conversations.restore();
    if (run === this.#run) await outbox.takeOver(id);
  }

  #ready({ attachments = true, serverTime, sessionId, userId }: EventPayload<'ready'>): void {
    const { outbox, runtime, self, storage } = this.#deps;
    const run = this.#run;
    runtime.setTime(serverTime);
    if (self.id && self.id !== userId) this.#forget();
    self.set({ userId, sessionId, attachments });
    void storage.open(userId).then(() => {
      if (run === this.#run) void outbox.takeOver(userId);
    });
  }

  /** Drops what is in memory of the user, and what was shown. */
  #forget(): void {
    const { cacheWriter, conversations, profiles, self } = this.#deps;
    self.set(null);
    conversations.clear();
    profiles.clear();
    cacheWriter.clear();
  }
}
