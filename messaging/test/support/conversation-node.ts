import { Dispatcher, Metrics, PeriodicMetrics } from '@parley/backend-common';
import { ProfileReader, type UserDocument } from '@parley/backend-common/domain';
import { silentLogger, type TestMongo } from '@parley/backend-common/testing';
import { AppError } from '@parley/common';
import {
  operations,
  type OperationCall,
  type OperationName,
  type OperationOutput,
  type Operations,
} from '@parley/common/contract';

import type { ConversationPurger } from '../../src/projection/conversation-purger.ts';
import { createConversationsModule } from '../../src/conversations/module.ts';
import type { MembershipProjector } from '../../src/projection/membership-projector.ts';
import type { SummaryWriter } from '../../src/conversations/summary-writer.ts';
import { createEntryHops } from '../../src/delivery/entry-hops.ts';
import { createHistoryModule } from '../../src/history/module.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import { createProjectionModule } from '../../src/projection/module.ts';
import type { MarkWriter } from '../../src/receipts/mark-writer.ts';
import { createReceiptsModule } from '../../src/receipts/module.ts';
import type { MessagingContext } from '../../src/transport/server/context.ts';
import { newId, say, testLog, type TestLog } from './test-log.ts';

/** An event that a node sent to sockets. */
export interface SentEvent {
  readonly to: { readonly userId: string } | { readonly conversationId: string };
  readonly exceptUserIds?: readonly string[] | undefined;
  readonly name: string;
  readonly payload: unknown;
}

type Handled = Extract<
  OperationName,
  `conversation:${string}` | `member:${string}` | `receipt:${string}`
>;
type Served = Exclude<Handled, 'conversation:entries' | 'conversation:messages'>;

/** The conversations and receipts of one node over a real log, without sockets. */
export class ConversationNode {
  readonly mongo: TestMongo;
  readonly node: TestLog;
  readonly sentEvents: SentEvent[] = [];
  /** Pending timers of receipts, which a test fires. */
  readonly timers: (() => void)[] = [];
  /** What a plain socket was sent, by `<socketId>:<conversationId>`. */
  readonly sent = new Map<string, number>();
  readonly cursors: unknown[][] = [];
  readonly projector: MembershipProjector;
  readonly purger: ConversationPurger;
  readonly summaries: SummaryWriter;
  readonly marks: MarkWriter;
  now = 1_000_000;
  readonly #dispatcher: Dispatcher<Pick<Operations, Served>, MessagingContext>;

  constructor(mongo: TestMongo, { limited = false }: { readonly limited?: boolean } = {}) {
    this.mongo = mongo;
    const now = () => this.now;
    const infrastructure = {
      ...{ db: mongo.db, logger: silentLogger(), newId, now },
      ...{ metrics: new Metrics('test'), config: { rateLimits: limited } },
      entryHops: createEntryHops(new Metrics('test'), now),
      periodicMetrics: new PeriodicMetrics(new Metrics('test')),
      reportFault: (fault: string, error: unknown) => void this.node.faults.push([fault, error]),
    };
    const projection = createProjectionModule({ infrastructure });
    this.purger = projection.purger;
    this.projector = projection.projector;
    this.node = testLog(mongo, { projector: this.projector, now });
    const log = this.node;
    const sockets = { events: this.#events() };
    // Profiles are cached for 5 s, so a test that changes one must advance the clock.
    const profiles = { profiles: new ProfileReader(mongo.db, now) };
    const blocks = {
      policy: {
        among: () => Promise.resolve(new Map()),
        requireOpen: () => Promise.resolve(),
      },
    };
    const history = createHistoryModule({ log, projection });
    const shared = { infrastructure, sockets, log, projection, profiles, blocks };
    const conversations = createConversationsModule({ ...shared, history });
    this.summaries = conversations.summaries;
    const receipts = createReceiptsModule({
      ...shared,
      sync: {
        cursors: { raise: (...given) => Promise.resolve(void this.cursors.push(given)) },
        replay: {
          onDelivered: () => undefined,
          sentThrough: (socketId, conversationId) => this.sent.get(`${socketId}:${conversationId}`),
        },
      },
      timers: { after: (_, fire) => void this.timers.push(fire), clear: () => undefined },
    });
    this.marks = receipts.marks;
    this.#dispatcher = new Dispatcher({
      operations: served(),
      handlers: { ...conversations.handlers, ...receipts.handlers },
      metrics: new Metrics('test'),
      checkOutput: true,
    });
  }

  #events() {
    return {
      toUser: (userId: string, name: string, payload: unknown) =>
        void this.sentEvents.push({ to: { userId }, name, payload }),
      toConversation: (
        {
          conversationId,
          exceptUserIds,
        }: { conversationId: string; exceptUserIds?: readonly string[] },
        name: string,
        payload: unknown,
      ) => void this.sentEvents.push({ to: { conversationId }, exceptUserIds, name, payload }),
    };
  }

  /** Carries out an operation for somebody, over HTTP unless a socket is named. */
  async call<Name extends Served>(
    who: string | { readonly userId: string; readonly socketId: string },
    name: Name,
    input: OperationCall<Name>,
  ): Promise<OperationOutput<Name>> {
    const { socketId, userId } =
      typeof who === 'string' ? { userId: who, socketId: undefined } : who;
    const caller = { userId, sessionId: `session of ${userId}` };
    const socket = socketId === undefined ? null : { id: socketId };
    const context = { caller, address: '127.0.0.1', requestId: 'test', socket } as MessagingContext;
    return (await this.#dispatcher.run(name, input, context)) as OperationOutput<Name>;
  }

  /** The error code of an operation that is refused; `undefined` when it is not. */
  async refusal<Name extends Served>(
    userId: string,
    name: Name,
    input: OperationCall<Name>,
  ): Promise<string | undefined> {
    try {
      await this.call(userId, name, input);
      return undefined;
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
  }

  /** A group of people, the first its creator. */
  async group(userIds: readonly string[], title = 'Test'): Promise<string> {
    const [creator = '', ...others] = userIds;
    const input = { kind: 'group', title, userIds: others } as const;
    return (await this.call(creator, 'conversation:create', input)).id;
  }

  /** The direct conversation of two people. */
  async direct(userId: string, otherId: string): Promise<string> {
    const input = { kind: 'direct', userId: otherId } as const;
    return (await this.call(userId, 'conversation:create', input)).id;
  }

  /** Writes messages and returns the `seq` of the last. */
  async say(conversationId: string, senderId: string, ...texts: string[]): Promise<number> {
    const appended = await Promise.all(
      texts.map((text) => this.node.log.append({ conversationId, senderId, content: say(text) })),
    );
    const last = appended.at(-1);
    return last === undefined || last.kind === 'nothing' ? 0 : last.document.seq;
  }

  /** Fires all pending timers. */
  async fire(): Promise<void> {
    for (const fire of this.timers.splice(0)) fire();
    await settled();
  }

  async close(): Promise<void> {
    await this.node.log.close();
    await this.marks.close();
    await this.summaries.close();
  }
}

/** Creates accounts and returns their ids. */
export async function people(
  mongo: TestMongo,
  count: number,
  change: Partial<UserDocument> = {},
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  await mongo.db.collection<UserDocument>('users').insertMany(
    ids.map((_id) => ({
      _id,
      username: `user-${_id}`,
      displayName: null,
      nameKeys: [],
      avatarId: null,
      passwordHash: '',
      createdAt: 0,
      privacy: { readReceipts: true, lastSeen: true },
      notifications: { previews: true },
      deletedAt: null,
      ...change,
    })),
  );
  return ids;
}

/** Resolves when work that nobody awaits has progressed as far as it can without timers or I/O. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function entriesOf(mongo: TestMongo) {
  return mongo.db.collection<EntryDocument>('entries');
}

/** The operations of which this node has handlers. */
function served(): Pick<Operations, Served> {
  const isServed = (name: string) =>
    /^(conversation|member|receipt):/.test(name) && !/:(entries|messages)$/.test(name);
  const chosen = Object.entries(operations).filter(([name]) => isServed(name));
  return Object.fromEntries(chosen) as unknown as Pick<Operations, Served>;
}
