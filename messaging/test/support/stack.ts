import type { RunningService } from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';
import { startMessaging, type Overrides } from '@parley/messaging';

import { Connections } from './connections.ts';
import { People, type Person } from './people.ts';
import { request } from './http.ts';

/** The secret that tests share with the services they start. */
export const SECRET = 'a secret of at least thirty-two bytes';

/** Nodes of the messaging service on a database of their own, with users and their connections. */
export class TestStack {
  readonly mongo: TestMongo;
  readonly people: People;
  readonly connections = new Connections();
  readonly #nodes: RunningService[] = [];

  private constructor(mongo: TestMongo) {
    this.mongo = mongo;
    this.people = new People(mongo.db);
  }

  /** A stack without a node yet. */
  static async create(): Promise<TestStack> {
    return new TestStack(await testMongo('messaging-test'));
  }

  /** Starts a node. */
  async node(
    env: Readonly<Record<string, string>> = {},
    overrides: Overrides = {},
  ): Promise<RunningService> {
    const node = await startMessaging(
      { MONGODB_URI: this.mongo.uri, PARLEY_SECRET: SECRET, ...env },
      { logger: silentLogger(), checkOutput: true, ...overrides },
    );
    this.#nodes.push(node);
    return node;
  }

  /** A new direct conversation without messages. */
  async direct(url: string, one: Person, other: Person): Promise<string> {
    return this.#make(url, one, { kind: 'direct', userId: other.userId });
  }

  /** A direct conversation in which both have written, so that each sees the presence of the other. */
  async acquaint(url: string, one: Person, other: Person): Promise<string> {
    const conversationId = await this.direct(url, one, other);
    for (const as of [one, other]) {
      const body = { clientId: `hello-${as.userId}`, text: 'Hello' };
      await request(`${url}/conversations/${conversationId}/messages`, {
        method: 'POST',
        as,
        body,
      });
    }
    return conversationId;
  }

  /** A new group that is owned by the first user. */
  async group(url: string, [owner, ...others]: readonly [Person, ...Person[]]): Promise<string> {
    const userIds = others.map(({ userId }) => userId);
    return this.#make(url, owner, { kind: 'group', title: 'Friends', userIds });
  }

  async #make(url: string, owner: Person, input: object): Promise<string> {
    const { body } = await request(`${url}/conversations`, {
      method: 'POST',
      as: owner,
      body: input,
    });
    return (body as { id: string }).id;
  }

  /** Closes all connections and nodes, and drops the database. */
  async close(): Promise<void> {
    this.connections.close();
    await Promise.all(this.#nodes.map((node) => node.close()));
    await this.mongo.drop();
  }
}
