import { PayloadParser } from '../payload-parser.ts';
import { type RelayHistory, type RelayMessage } from '../servers/relay-protocol.ts';
import { ThinClient } from '../thin-client.ts';
import {
  type Connection,
  type OnMessage,
  type Outgoing,
  type BenchUser,
  type Target,
  urlOf,
} from './target.ts';

/** A relay of any kind. A conversation is the room of its one recipient, or of a group. */
export class RelayTarget implements Target {
  readonly waysToCatchUp = ['history'];
  readonly inOrder: boolean;
  readonly #urls: readonly string[];
  readonly #parser = new PayloadParser();
  #groups = 0;

  constructor(options: { urls: readonly string[]; inOrder: boolean }) {
    this.#urls = options.urls;
    this.inOrder = options.inOrder;
  }

  async connect(user: BenchUser, onMessage: OnMessage, node = 0): Promise<Connection> {
    const message = (payload: unknown): void => {
      const { to, number } = payload as RelayMessage;
      onMessage(to, number);
    };
    const client = await ThinClient.connect({
      url: urlOf(this.#urls, node),
      auth: { token: user.id },
      events: { message },
      parser: this.#parser,
    });
    return { user, client };
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  direct(_sender: Connection, other: BenchUser): Promise<string> {
    return Promise.resolve(other.id);
  }

  async group(owner: Connection, members: readonly Connection[]): Promise<string> {
    this.#groups += 1;
    const room = `group-${this.#groups}`;
    await Promise.all([owner, ...members].map(({ client }) => client.request('join', room)));
    return room;
  }

  send(message: Outgoing, onAnswer: (refusal: string | undefined) => void): void {
    const { sender, conversation, number, text } = message;
    const payload: RelayMessage = { to: conversation, number, text };
    sender.client.call('message', payload, (answer) => {
      onAnswer((answer as { ok: boolean }).ok ? undefined : 'not stored');
    });
  }

  async catchUp(user: BenchUser, _way: string, onMessage: OnMessage): Promise<Connection> {
    const connection = await this.connect(user, onMessage);
    let after = 0;
    for (let more = true; more;) {
      const page = (await connection.client.request('history', after)) as RelayHistory;
      for (const { to, number } of page.messages) {
        onMessage(to, number);
        after = number;
      }
      more = page.hasMore;
    }
    return connection;
  }
}
