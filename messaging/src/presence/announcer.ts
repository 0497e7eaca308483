import type { Logger } from '@parley/backend-common';
import { SECOND } from '@parley/common';
import type { Presence } from '@parley/common/contract';

import { inParallel } from '../conversations/in-parallel.ts';
import type { Acquaintances } from './acquaintances.ts';
import { hiddenPresence, type PresenceReader } from './presence-reader.ts';
import { isNews, type Watchers, type WatchingSocket } from './watchers.ts';

interface AnnouncerDeps {
  readonly watchers: Watchers;
  readonly reader: PresenceReader;
  readonly acquaintances: Acquaintances;
  /** Between the nodes. */
  readonly hints: {
    publish(userIds: readonly string[]): void;
    subscribe(listener: (userIds: readonly string[]) => void): void;
  };
  readonly logger: Logger;
}

const COMPARE_EVERY = 15 * SECOND;
/** People read at once. */
const BATCH = 500;
/** People whose watchers are looked up at once. */
const WIDTH = 16;

/**
 * Tells the watchers on this node how people look. It never says more than it reads: a hint only says of whom to
 * read, and what no hint told (a node that died, Redis away, privacy changed) a comparison finds.
 */
export class Announcer {
  readonly #deps: AnnouncerDeps;
  readonly #due = new Set<string>();
  #isTelling = false;
  #comparing: NodeJS.Timeout | undefined;

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#deps.hints.subscribe((userIds) => this.#look(userIds));
    this.#comparing = setInterval(() => this.compare(), COMPARE_EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#comparing);
  }

  /** People may have come or gone: looks here, and lets the other nodes look. */
  changed(userIds: readonly string[]): void {
    if (userIds.length === 0) return;
    this.#deps.hints.publish(userIds);
    this.#look(userIds);
  }

  /**
   * Shows a socket what was just read of a person, and answers it; or what the others were told last, where that
   * differs: then all are told together.
   */
  show(socket: WatchingSocket, presence: Presence): Presence {
    const { watchers } = this.#deps;
    const { userId } = presence;
    watchers.show(socket, userId, true);
    const told = watchers.told(userId);
    if (told === undefined) watchers.note(presence);
    else if (isNews(told, presence)) {
      this.#look([userId]);
      return told;
    }
    return presence;
  }

  /** Two people may know each other now, or not any more: shows what each is to see of the other. */
  async reconsider(pair: readonly [string, string]): Promise<void> {
    for (const [userId, viewerId] of [pair, [pair[1], pair[0]] as const]) {
      const watching = this.#deps.watchers.of(userId);
      const sockets = watching.filter(({ data }) => data.caller.userId === viewerId);
      if (sockets.length === 0) continue;
      const known = await this.#deps.acquaintances.among(userId, [viewerId]);
      const [presence] = await this.#deps.reader.read(known.has(viewerId) ? [userId] : []);
      for (const socket of sockets) this.#showOrHide(socket, userId, presence);
    }
  }

  /** Looks at everybody who is watched here. Runs every 15 s. */
  compare(): void {
    this.#look(this.#deps.watchers.watched());
  }

  #look(userIds: readonly string[]): void {
    for (const userId of userIds) {
      if (this.#deps.watchers.has(userId)) this.#due.add(userId);
    }
    if (!this.#isTelling) void this.#tellAll();
  }

  /** One reading at a time: a later one cannot be overtaken by an earlier. */
  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    while (this.#due.size > 0) {
      const userIds = [...this.#due].slice(0, BATCH);
      for (const userId of userIds) this.#due.delete(userId);
      try {
        const presences = await this.#deps.reader.read(userIds);
        await inParallel(presences, WIDTH, (presence) => this.#note(presence));
      } catch (error) {
        this.#deps.logger.warn({ err: error }, 'Watchers could not be told of presences');
      }
    }
    this.#isTelling = false;
  }

  /** The first reading is told by the answer to whoever watches; what differs from it later is news. */
  async #note(presence: Presence): Promise<void> {
    const { watchers } = this.#deps;
    const before = watchers.told(presence.userId);
    watchers.note(presence);
    if (before === undefined || !isNews(before, presence)) return;
    try {
      await this.#tell(presence);
    } catch (error) {
      // The next comparison finds it again.
      watchers.note(before);
      throw error;
    }
  }

  /** Only those are told who know the person at this moment. */
  async #tell(presence: Presence): Promise<void> {
    const { acquaintances, watchers } = this.#deps;
    const sockets = watchers.of(presence.userId);
    const watching = [...new Set(sockets.map(({ data }) => data.caller.userId))];
    const known = await acquaintances.among(presence.userId, watching);
    for (const socket of sockets) {
      const isKnown = known.has(socket.data.caller.userId);
      this.#showOrHide(socket, presence.userId, isKnown ? presence : undefined);
    }
  }

  /** A stranger learns nothing, not even that something has changed; who was none until now, that nothing shows. */
  #showOrHide(socket: WatchingSocket, userId: string, presence: Presence | undefined): void {
    const wasShown = this.#deps.watchers.show(socket, userId, presence !== undefined);
    if (presence !== undefined) socket.emit('presence', presence);
    else if (wasShown) socket.emit('presence', hiddenPresence(userId));
  }
}
