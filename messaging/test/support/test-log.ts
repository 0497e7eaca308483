import { randomFillSync } from 'node:crypto';
import { Metrics } from '@parley/backend-common';
import { testMongo, type TestMongo } from '@parley/backend-common/testing';
import { createIdGenerator } from '@parley/common';

import { type ConversationPurger } from '../../src/projection/conversation-purger.ts';
import { ConversationRepository } from '../../src/conversations/conversation-repository.ts';
import { directKeyOf } from '../../src/conversations/direct-key.ts';
import { MemberRepository } from '../../src/conversations/member-repository.ts';
import { MembershipProjector } from '../../src/projection/membership-projector.ts';
import type { EntryContent, EntryDocument } from '../../src/log/entry-document.ts';
import { EntryRepository } from '../../src/log/entry-repository.ts';
import type { ForwardingLink } from '../../src/log/forwarding/ports.ts';
import { createLogMetrics } from '../../src/log/log-metrics.ts';
import { NodeLog, type ConversationLogDeps } from '../../src/log/node-log.ts';
import type { Committed } from '../../src/log/ports.ts';
import { messagingMigrations } from '../../src/migrations/index.ts';

/** Ids as the services make them. */
export const newId = createIdGenerator(Date.now, (into) => randomFillSync(into));

/** The link of a node that reaches no other. */
export const ALONE: ForwardingLink = {
  nodeId: 'alone',
  isUp: () => false,
  isAlive: () => false,
  forward: () => undefined,
  answer: () => undefined,
};

/** One node's view of the logs in a database, with everything it announced. */
export interface TestLog {
  readonly log: NodeLog;
  readonly entries: EntryRepository;
  readonly conversations: ConversationRepository;
  readonly members: MemberRepository;
  readonly committed: Committed[];
  readonly faults: unknown[];
}

/** A database with the collections of messaging. */
export async function testDatabase(): Promise<TestMongo> {
  const mongo = await testMongo('messaging-test');
  for (const migration of messagingMigrations) await migration.up(mongo.db);
  return mongo;
}

/** A node over a database; several over the same one are several nodes. */
export function testLog(
  mongo: Pick<TestMongo, 'db'>,
  overrides: Partial<ConversationLogDeps> = {},
): TestLog {
  const { db } = mongo;
  const entries = new EntryRepository(db);
  const conversations = new ConversationRepository(db);
  const members = new MemberRepository(db);
  const committed: Committed[] = [];
  const faults: unknown[] = [];
  const purger = { begin: () => Promise.resolve() } as unknown as ConversationPurger;
  const log = new NodeLog({
    entries,
    conversations,
    projector: new MembershipProjector({ conversations, members, entries, purger }),
    forwarding: ALONE,
    newId,
    now: Date.now,
    metrics: createLogMetrics(new Metrics('test')),
    reportFault: (fault, error) => faults.push([fault, error]),
    ...overrides,
  });
  log.subscribe((each) => committed.push(each));
  return { log, entries, conversations, members, committed, faults };
}

/** A direct conversation of two new people. */
export async function directOf(
  node: TestLog,
): Promise<{ conversationId: string; ann: string; ben: string }> {
  const [ann, ben] = [newId(), newId()];
  const { _id } = await node.conversations.createOnce({
    _id: newId(),
    kind: 'direct',
    createdBy: ann,
    createdAt: Date.now(),
    founders: [ann, ben],
    founderTitle: null,
    directKey: directKeyOf(ann, ben),
  });
  return { conversationId: _id, ann, ben };
}

/** A group with its creator first. */
export async function groupOf(
  node: TestLog,
  size: number,
): Promise<{ conversationId: string; people: string[] }> {
  const people = Array.from({ length: size }, () => newId());
  const { _id } = await node.conversations.createOnce({
    _id: newId(),
    kind: 'group',
    createdBy: people[0]!,
    createdAt: Date.now(),
    founders: people,
    founderTitle: 'Test',
  });
  return { conversationId: _id, people };
}

export function say(text: string): EntryContent {
  return { kind: 'message', text, replyTo: null };
}

/** The whole log as stored. */
export function stored(
  mongo: Pick<TestMongo, 'db'>,
  conversationId: string,
): Promise<EntryDocument[]> {
  return mongo.db
    .collection<EntryDocument>('entries')
    .find({ conversationId })
    .sort({ seq: 1 })
    .toArray();
}

/** The first error code of what was thrown. */
export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
