import {
  Periodic,
  RenewalRound,
  type Counter,
  type Logger,
  type PeriodicMetrics,
  type Redis,
  type SetTimer,
} from '@parley/backend-common';
import { MINUTE, SECOND } from '@parley/common';

import type { LiveNodes } from '../cluster/live-nodes.ts';
import type { ConnectionCounts } from './connection-counts.ts';

/** Whose connections are counted. */
export type Owner = 'user' | 'address';

/** Numbers of connections of a user and of an address. */
export type ConnectionsOf = Readonly<Record<Owner, number>>;

/** The connections to the other nodes. */
export interface ConnectionsElsewhere {
  /** Connections of a user and an address (group) to the other live nodes. Zero while that is not known. Never rejects. */
  of(userId: string, address: string): Promise<ConnectionsOf>;
}

interface SharedConnectionsDeps {
  readonly redis: Redis;
  readonly nodeId: string;
  readonly nodes: Pick<LiveNodes, 'alive'>;
  /** The connections to this node. */
  readonly counts: Readonly<Record<Owner, ConnectionCounts>>;
  /** Counts the look-ups by result: `ok`, `failed`. */
  readonly lookups: Counter<'result'>;
  readonly periodicMetrics: Pick<PeriodicMetrics, 'register' | 'observe'>;
  readonly logger: Logger;
  readonly setTimer?: SetTimer;
}

/** The connections of a node that is the only one. */
export const noneElsewhere: ConnectionsElsewhere = {
  of: () => Promise.resolve({ user: 0, address: 0 }),
};

/** Milliseconds that a handshake waits for the counts of the other nodes. */
const PATIENCE = SECOND / 4;
/** Milliseconds between two runs, each of which publishes what has changed and renews a share of the rest. */
const EVERY = SECOND;
/** Milliseconds after which counts that nobody renews are gone; each is renewed every minute. */
const LIFETIME = 3 * MINUTE;
/** Changes that wait to be published. */
const WAITING_AT_MOST = 100_000;
/** Keys in one pipeline. */
const BATCH = 500;

/** A count in Redis. */
interface Place {
  readonly owner: Owner;
  readonly id: string;
}

/**
 * Shares between the nodes how many connections a user and an address have. In Redis each of them has a hash with one
 * field for each node. Fields of nodes that have died do not count.
 */
export class SharedConnections implements ConnectionsElsewhere {
  readonly #deps: SharedConnectionsDeps;
  readonly #changed = new Map<string, Place>();
  readonly #rounds: Readonly<Record<Owner, RenewalRound>>;
  readonly #publishing: Periodic;

  constructor(deps: SharedConnectionsDeps) {
    const { counts, logger, periodicMetrics: metrics, setTimer } = deps;
    this.#deps = deps;
    this.#rounds = {
      user: new RenewalRound(() => counts.user.keys()),
      address: new RenewalRound(() => counts.address.keys()),
    };
    for (const owner of OWNERS) counts[owner].subscribe((id) => this.#note({ owner, id }));
    this.#publishing = new Periodic({
      ...{ name: 'share_connection_counts', every: EVERY, metrics },
      run: () => this.#publish(),
      onFault: (error) => logger.debug({ err: error }, 'Connections were not shared'),
      ...(setTimer === undefined ? {} : { setTimer }),
    });
  }

  start(): void {
    this.#publishing.start();
  }

  /** Publishes the last changes, and stops. */
  async stop(): Promise<void> {
    await this.#publishing.runNow();
    await this.#publishing.stop();
  }

  /** Publishes all counts of this node again: Redis may have lost them. */
  renew(): void {
    for (const owner of OWNERS) {
      for (const id of this.#deps.counts[owner].keys()) this.#note({ owner, id });
    }
    this.#publishing.wake();
  }

  /** Publishes the counts of this node, too, so that of two nodes that ask at the same time one sees both. */
  async of(userId: string, address: string): Promise<ConnectionsOf> {
    const alive = this.#deps.nodes.alive();
    if (alive === undefined) return noneElsewhere.of(userId, address);
    const places: Record<Owner, Place> = {
      user: { owner: 'user', id: userId },
      address: { owner: 'address', id: address },
    };
    try {
      const [user = {}, ofAddress = {}] = await withinPatience(
        this.#exchange([places.user, places.address]),
      );
      this.#deps.lookups.inc({ result: 'ok' });
      return {
        user: this.#sum(places.user, user, alive),
        address: this.#sum(places.address, ofAddress, alive),
      };
    } catch (error) {
      this.#deps.lookups.inc({ result: 'failed' });
      this.#deps.logger.debug({ err: error }, 'Connections to other nodes could not be counted');
      return noneElsewhere.of(userId, address);
    }
  }

  #note(place: Place): void {
    // While Redis is away; when it is back, the open connections are published again.
    if (this.#changed.size >= WAITING_AT_MOST) this.#changed.clear();
    this.#changed.set(keyOf(place), place);
  }

  /** One round trip: writes the fields of this node, and reads those of all. */
  async #exchange(places: readonly Place[]): Promise<Record<string, string>[]> {
    const batch = this.#deps.redis.pipeline();
    for (const place of places) {
      this.#write(batch, place);
      batch.hgetall(keyOf(place));
    }
    const answers = resultsOf(await batch.exec());
    return answers.filter((answer) => typeof answer === 'object') as Record<string, string>[];
  }

  /** Adds up the fields of other live nodes, and removes those of dead ones. */
  #sum(place: Place, fields: Record<string, string>, alive: ReadonlySet<string>): number {
    const { nodeId, redis } = this.#deps;
    const dead = Object.keys(fields).filter((node) => !alive.has(node));
    if (dead.length > 0) redis.hdel(keyOf(place), ...dead).catch(() => undefined);
    const others = Object.entries(fields).filter(([node]) => node !== nodeId && alive.has(node));
    return others.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  async #publish(): Promise<void> {
    for (const owner of OWNERS) {
      for (const id of this.#rounds[owner].next()) this.#note({ owner, id });
    }
    const places = [...this.#changed.values()];
    this.#changed.clear();
    for (let from = 0; from < places.length; from += BATCH) {
      try {
        const batch = this.#deps.redis.pipeline();
        for (const place of places.slice(from, from + BATCH)) this.#write(batch, place);
        resultsOf(await batch.exec());
      } catch (error) {
        for (const place of places.slice(from)) this.#note(place);
        throw error;
      }
    }
  }

  #write(batch: Pipeline, place: Place): void {
    const { counts, nodeId } = this.#deps;
    const count = counts[place.owner].of(place.id);
    const key = keyOf(place);
    if (count === 0) batch.hdel(key, nodeId);
    else batch.hset(key, nodeId, count).pexpire(key, LIFETIME);
  }
}

type Pipeline = ReturnType<Redis['pipeline']>;

const OWNERS = ['user', 'address'] as const;

function keyOf({ id, owner }: Place): string {
  return `parley:connections:${owner}:${id}`;
}

/** The results of a pipeline. @throws the first error among them */
function resultsOf(answers: [error: Error | null, result: unknown][] | null): unknown[] {
  return (answers ?? []).map(([error, result]) => {
    if (error !== null) throw error;
    return result;
  });
}

async function withinPatience<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis answered too late')), PATIENCE);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
