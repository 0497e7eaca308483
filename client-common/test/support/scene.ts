import { type Client, type ClientOptions, createClient } from '../../src/index.ts';
import { FakeServer } from './fake-server.ts';
import { turn, until, VirtualTime } from './virtual-time.ts';
import { type Conversation, World } from './world.ts';

/** A server, a clock, two people, and the clients that a test makes. */
export class Scene {
  readonly time: VirtualTime;
  readonly server: FakeServer;
  readonly ada: string;
  readonly bob: string;
  readonly #clients: Client[] = [];

  private constructor(time: VirtualTime, server: FakeServer) {
    this.time = time;
    this.server = server;
    this.ada = server.world.user('ada');
    this.bob = server.world.user('bob');
  }

  /** @param serverAhead milliseconds that the server's clock is ahead of the device's. */
  static async open(serverAhead = 0): Promise<Scene> {
    const time = new VirtualTime();
    const world = new World(() => Math.floor(time.now()) + serverAhead);
    return new Scene(time, await FakeServer.start(world));
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.stop();
    await this.server.close();
    await turn();
  }

  /** A client of somebody, not started. */
  client(userId: string, options: Partial<ClientOptions> = {}): Client {
    const client = createClient({
      url: this.server.url,
      credentials: () => Promise.resolve(userId),
      ...options,
      platform: { now: this.time.now, setTimeout: this.time.setTimeout, ...options.platform },
    });
    this.#clients.push(client);
    return client;
  }

  /** A client of a user that is connected and has caught up. */
  async online(userId: string, options: Partial<ClientOptions> = {}): Promise<Client> {
    const client = this.client(userId, options);
    client.start();
    await this.synced(client);
    return client;
  }

  async synced(client: Client): Promise<void> {
    await this.until('synced', () => {
      const state = client.connection.get();
      return state.status === 'online' && state.synced;
    });
  }

  until(what: string, condition: () => boolean): Promise<void> {
    return until(this.time, what, condition);
  }

  /** Creates a direct conversation of Ada and Bob with `count` messages of Bob. */
  createConversation(count = 0): Conversation {
    const conversation = this.server.world.conversation([this.ada, this.bob]);
    for (let index = 1; index <= count; index += 1) {
      this.server.world.say(conversation, this.bob, `b${index}`);
    }
    return conversation;
  }

  /** Bob sends a message, which all members receive. */
  say(conversation: Conversation, text: string): void {
    const payload = this.server.world.say(conversation, this.bob, text);
    this.server.emit({ userIds: [...conversation.memberships.keys()], event: 'entry', payload });
  }
}

/** Texts of a timeline, in order. */
export function texts(client: Client, conversationId: string): (string | null)[] {
  const { items } = client.conversation(conversationId).timeline.get();
  return items.flatMap((item) => (item.kind === 'message' ? [item.text] : []));
}
