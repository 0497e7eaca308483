import { DAY } from '@parley/common';
import {
  type EventPayload,
  type Entry,
  type OperationCall,
  type OperationName,
  type OperationOutput,
  type PartnerEvent,
} from '@parley/common/contract';

import { PayloadParser } from '../payload-parser.ts';
import { type EventListener, RefusedError, ThinClient } from '../thin-client.ts';
import {
  type Connection,
  type OnMessage,
  type Outgoing,
  type BenchUser,
  type Target,
  urlOf,
} from './target.ts';

type Answer<Name extends OperationName> =
  | { readonly ok: true; readonly data: OperationOutput<Name> }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

interface Opening {
  readonly user: BenchUser;
  readonly onMessage: OnMessage;
  /** If absent, the server replays what was missed. */
  readonly sync?: 'heads';
  readonly node?: number;
}

const IDS_A_CALL = 100;
const PAGE = 200;
const STATUS_ENDS = Date.now() + DAY;

/** Encodes a message number as the end of a status, so that the event contains it. */
function noteStatus(event: PartnerEvent, onMessage: OnMessage): void {
  if (event.type !== 'PARTNER_STATUS_CHANGED') return;
  onMessage(event.partnerId, (event.statusExpiration ?? 0) - STATUS_ENDS);
}

/** Encodes a message number as a client id, so that the entry contains it. */
function note(entry: Entry, onMessage: OnMessage): void {
  if (entry.kind !== 'message') return;
  onMessage(entry.conversationId, Number(entry.clientId), entry.senderId);
}

/** Parley, called over sockets according to the contract. */
export class ParleyTarget implements Target {
  readonly inOrder = true;
  readonly waysToCatchUp = ['plain', 'heads'];
  readonly #urls: readonly string[];
  readonly #parser = new PayloadParser();

  constructor(options: { urls: readonly string[] }) {
    this.#urls = options.urls;
  }

  connect(user: BenchUser, onMessage: OnMessage, node = 0): Promise<Connection> {
    return this.#open({ user, onMessage, sync: 'heads', node }, 'ready');
  }

  async settle(connection: Connection): Promise<void> {
    await this.ask(connection, 'sync', {});
  }

  async direct(sender: Connection, other: BenchUser): Promise<string> {
    const input = { kind: 'direct', userId: other.id } as const;
    return (await this.ask(sender, 'conversation:create', input)).id;
  }

  async group(owner: Connection, members: readonly Connection[]): Promise<string> {
    const ids = members.map(({ user }) => user.id);
    const first = { kind: 'group', title: 'Fan-out', userIds: ids.slice(0, IDS_A_CALL) } as const;
    const { id: conversationId } = await this.ask(owner, 'conversation:create', first);
    for (let start = IDS_A_CALL; start < ids.length; start += IDS_A_CALL) {
      const userIds = ids.slice(start, start + IDS_A_CALL);
      await this.ask(owner, 'member:add', { conversationId, userIds });
    }
    return conversationId;
  }

  send(message: Outgoing, onAnswer: (refusal: string | undefined) => void): void {
    const { sender, conversation, number, text } = message;
    const input = { conversationId: conversation, clientId: String(number), text };
    sender.client.call('message:send', input, (raw) => {
      const answer = raw as Answer<'message:send'>;
      onAnswer(answer.ok ? undefined : answer.error.code);
    });
  }

  async catchUp(user: BenchUser, way: string, onMessage: OnMessage): Promise<Connection> {
    if (way === 'plain') return this.#open({ user, onMessage }, 'sync:done');
    const connection = await this.connect(user, onMessage);
    const { heads } = await this.ask(connection, 'sync', {});
    for (const { conversationId } of heads) await this.#pull(connection, conversationId, onMessage);
    return connection;
  }

  async #pull(connection: Connection, conversationId: string, onMessage: OnMessage): Promise<void> {
    let after = 0;
    for (let more = true; more;) {
      const input = { conversationId, after, limit: PAGE };
      const page = await this.ask(connection, 'conversation:entries', input);
      for (const entry of page.entries) note(entry, onMessage);
      after = page.entries.at(-1)?.seq ?? after;
      more = page.hasMore;
    }
  }

  /** Connects and waits for the event that completes the connection. */
  async #open(opening: Opening, awaited: 'ready' | 'sync:done'): Promise<Connection> {
    const { user, onMessage, sync, node = 0 } = opening;
    const entry: EventListener = (payload) => note(payload as Entry, onMessage);
    const partner: EventListener = (payload) => noteStatus(payload as PartnerEvent, onMessage);
    const page: EventListener = (payload, reply) => {
      for (const each of (payload as EventPayload<'sync:page'>).entries) note(each, onMessage);
      reply?.();
    };
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const client = await ThinClient.connect({
      url: urlOf(this.#urls, node),
      auth: { token: user.token, ...(sync === undefined ? {} : { sync }) },
      events: { entry, partner, 'sync:page': page, [awaited]: () => arrive() },
      parser: this.#parser,
    });
    const closed = client.closed.then(() => {
      throw new RefusedError(`The connection was closed before ${awaited}`);
    });
    await Promise.race([arrived, closed]);
    return { user, client };
  }

  protected async ask<Name extends OperationName>(
    { client }: Connection,
    name: Name,
    input: OperationCall<Name>,
  ): Promise<OperationOutput<Name>> {
    const answer = (await client.request(name, input)) as Answer<Name>;
    if (answer.ok) return answer.data;
    throw new Error(`${name}: ${answer.error.code}, ${answer.error.message}`);
  }
}

/** Parley with status changes in place of messages; each is delivered to the user's one partner. */
export class PartnersTarget extends ParleyTarget {
  /** Links the two users; every partner event is about the sender. */
  override async direct(sender: Connection, other: BenchUser): Promise<string> {
    const { linkCode } = await this.ask(sender, 'link:create', {});
    const visit = await this.connect(other, () => undefined);
    await this.ask(visit, 'link:confirm', { linkCode });
    await visit.client.close();
    return sender.user.id;
  }

  override send(
    { number, sender }: Outgoing,
    onAnswer: (refusal: string | undefined) => void,
  ): void {
    const input = { status: 'BUSY', statusExpiration: STATUS_ENDS + number };
    sender.client.call('status:set', input, (raw) => {
      const answer = raw as Answer<'status:set'>;
      onAnswer(answer.ok ? undefined : answer.error.code);
    });
  }
}
