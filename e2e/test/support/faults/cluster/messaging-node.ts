import { Link } from '../../links/link.ts';
import { losePublishes } from '../../links/lost-publishes.ts';
import type { MongoSet } from './mongo-set.ts';
import { Part } from './part.ts';
import { servicePlan, type SharedSettings } from './service-plans.ts';

/** One messaging node with its own links to Redis and MongoDB. */
export class MessagingNode {
  readonly part: Part;
  /** To Redis. */
  readonly redis: Link;
  /** To the links of the members of the replica set, one for each. */
  readonly mongo: readonly Link[];
  #clockMs = 0;

  private constructor(links: { redis: Link; mongo: readonly Link[] }, options: NodeOptions) {
    this.redis = links.redis;
    this.mongo = links.mongo;
    const { authUrl, mongo, name, shared } = options;
    const ports = new Map(
      mongo.members.map(({ link }, index) => [link.port, links.mongo[index]!.port]),
    );
    const plan = () =>
      servicePlan(shared, {
        ...{ name, kind: 'messaging', mongoUri: mongo.uri, ports, clockMs: this.#clockMs },
        redisUrl: `redis://127.0.0.1:${links.redis.port}`,
        env: { PARLEY_AUTH_URL: authUrl },
      });
    this.part = new Part({ name, kind: 'messaging', start: (before) => plan().start(before) });
  }

  static async start(options: NodeOptions): Promise<MessagingNode> {
    const { mongo, random, redisPort } = options;
    const [redis, ...members] = await Promise.all([
      Link.open({ target: redisPort, rewrite: losePublishes(random) }),
      ...mongo.members.map(({ link }) => Link.open({ target: link.port })),
    ]);
    const node = new MessagingNode({ redis, mongo: members }, options);
    try {
      await node.part.start();
      return node;
    } catch (error) {
      await node.close();
      throw error;
    }
  }

  /** Milliseconds by which its clock is wrong after the next start. */
  set clock(ms: number) {
    this.#clockMs = ms;
  }

  heal(): void {
    for (const link of [this.redis, ...this.mongo]) link.heal();
    this.part.resume();
    this.#clockMs = 0;
  }

  async close(): Promise<void> {
    await this.part.kill();
    await Promise.all([this.redis, ...this.mongo].map((link) => link.close()));
  }
}

interface NodeOptions {
  readonly name: string;
  readonly shared: SharedSettings;
  readonly mongo: MongoSet;
  readonly redisPort: number;
  readonly authUrl: string;
  readonly random: () => number;
}
