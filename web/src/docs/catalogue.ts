import { RATE_LIMITS, type ErrorCode } from '@parley/common';
import {
  authOperations,
  events,
  handshakeAuth,
  operations,
  type AuthOperations,
  type HttpBinding,
  type Operation,
  type Operations,
} from '@parley/common/contract';

import type { NounName } from './named-schemas.ts';
import { attachmentNotes } from './notes/attachments.ts';
import { authNotes } from './notes/auth.ts';
import { blockNotes } from './notes/blocks.ts';
import { conversationNotes, memberNotes } from './notes/conversations.ts';
import { deviceNotes } from './notes/devices.ts';
import { eventNotes, handshakeNotes, type EventNotes } from './notes/events.ts';
import { messageNotes } from './notes/messages.ts';
import type { Notes, OperationNotes } from './notes/notes.ts';
import { partnerNotes } from './notes/partners.ts';
import { presenceNotes } from './notes/presence.ts';
import { defineNouns, registerNouns, withNotes } from './nouns.ts';
import { describe, type Nouns, type Schema } from './schema.ts';

/** An operation, ready to be written down in any form. */
export interface OperationEntry {
  readonly name: string;
  /** The name as programming languages take it: `messageSend`. */
  readonly id: string;
  /** The noun it belongs to, for readers. */
  readonly group: string;
  readonly summary: string;
  readonly description: string;
  readonly http: HttpBinding | undefined;
  /** Whether sockets may ask for it. */
  readonly isSocket: boolean;
  readonly isPublic: boolean;
  readonly limitClass: keyof typeof RATE_LIMITS | undefined;
  /** In words. */
  readonly limits: string;
  readonly errors: readonly ErrorCode[];
  readonly input: Schema;
  /** Absent where nothing is answered but that it is done. */
  readonly output: Schema | undefined;
  readonly example: { readonly input: object; readonly output: object };
}

/** Something a socket is told, or says in its handshake. */
export interface EventEntry {
  readonly name: string;
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly payload: Schema;
  readonly example: object;
}

/** The contract with its notes. */
export interface Catalogue {
  readonly operations: readonly OperationEntry[];
  readonly events: readonly EventEntry[];
  readonly handshake: EventEntry;
  readonly nouns: Readonly<Record<NounName, Schema>>;
}

/** The words for a limit that there is not. */
export const UNLIMITED = 'None.';

const GROUPS: Readonly<Record<string, string>> = {
  auth: 'Accounts',
  session: 'Sessions',
  me: 'People',
  user: 'People',
  meta: 'Server',
  conversation: 'Conversations',
  member: 'Members',
  message: 'Messages',
  receipt: 'Receipts',
  sync: 'Sync',
  typing: 'Presence',
  presence: 'Presence',
  attachment: 'Attachments',
  device: 'Devices',
  app: 'Devices',
};

/** Named after conversations, and about what is said in them. */
const MESSAGES = new Set(['conversation:entries', 'conversation:messages']);

/** Reads the contract and puts its notes beside it. */
export function readCatalogue(): Catalogue {
  const nouns = registerNouns();
  const messagingNotes: Notes<Operations> = {
    ...conversationNotes,
    ...memberNotes,
    ...messageNotes,
    ...blockNotes,
    ...partnerNotes,
    ...presenceNotes,
    ...attachmentNotes,
    ...deviceNotes,
  };
  return {
    operations: [
      ...entriesOf<AuthOperations>(authOperations, authNotes, nouns),
      ...entriesOf<Operations>(operations, messagingNotes, nouns),
    ].map((entry) => ({ ...entry, isSocket: entry.name in operations })),
    events: Object.entries(events).map(([name, payload]) =>
      eventEntry(name, describe(payload, nouns), eventNotes[name as keyof typeof events]),
    ),
    handshake: eventEntry('connect', describe(handshakeAuth, nouns), handshakeNotes),
    nouns: defineNouns(nouns),
  };
}

function entriesOf<Table extends Readonly<Record<string, Operation>>>(
  table: Table,
  notes: Notes<Table>,
  nouns: Nouns,
): Omit<OperationEntry, 'isSocket'>[] {
  return Object.values(table).map((operation) =>
    operationEntry(operation, notes[operation.name] as OperationNotes<Operation>, nouns),
  );
}

function operationEntry(
  operation: Operation,
  notes: OperationNotes<Operation>,
  nouns: Nouns,
): Omit<OperationEntry, 'isSocket'> {
  const { http, limit, name, summary } = operation;
  const output = describe(operation.output, nouns);
  return {
    name,
    id: identifier(name),
    group: groupOf(name),
    summary,
    description: notes.description,
    http,
    isPublic: operation.public === true,
    limitClass: limit,
    limits: notes.limits ?? describeLimit(limit),
    errors: notes.errors,
    input: withNotes(describe(operation.input, nouns), notes.fields ?? {}),
    output: Object.keys(output.properties ?? { some: output }).length === 0 ? undefined : output,
    example: { input: notes.input as object, output: notes.output as object },
  };
}

function eventEntry(name: string, payload: Schema, notes: EventNotes<object>): EventEntry {
  const { description, fields = {}, summary } = notes;
  const example = notes.payload;
  return {
    ...{ name, id: identifier(name), summary, description, example },
    payload: withNotes(payload, fields),
  };
}

function groupOf(name: string): string {
  const [noun = ''] = name.split(':');
  return MESSAGES.has(name) ? 'Messages' : (GROUPS[noun] ?? noun);
}

function describeLimit(limit: keyof typeof RATE_LIMITS | undefined): string {
  if (limit === undefined) return UNLIMITED;
  const { burst, perSecond } = RATE_LIMITS[limit];
  return `Class \`${limit}\`: ${perSecond} a second, burst ${burst}, a person.`;
}

function identifier(name: string): string {
  return name.replace(/[:-](.)/g, (_, letter: string) => letter.toUpperCase());
}
