import { RATE_LIMITS, type ErrorCode } from '@parley/common';
import {
  authOperations,
  events,
  handshake,
  operations,
  type HttpBinding,
  type Operation,
  type SocketEvent,
  type Tag,
} from '@parley/common/contract';

import type { Schema, Schemas } from './json-schema.ts';
import { describe, namedSchemas, type Writer } from './schema.ts';

/** An operation with its schemas as JSON Schema. */
export interface OperationEntry {
  readonly name: string;
  /** The name as an identifier of programming languages: `messageSend`. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  readonly http: HttpBinding | undefined;
  /** Whether sockets may call it. */
  readonly isSocket: boolean;
  readonly isPublic: boolean;
  /** In words; {@link UNLIMITED} if there are none. */
  readonly limits: string;
  readonly errors: readonly ErrorCode[];
  readonly input: Schema;
  /** Absent if the output is empty. */
  readonly output: Schema | undefined;
  readonly example: { readonly input: object; readonly output: object };
}

/** An event of the server, or the handshake, with its payload as JSON Schema. */
export interface EventEntry {
  readonly name: string;
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly payload: Schema;
  readonly example: object;
}

/** The contract, ready to be written in any form. */
export interface Catalogue {
  readonly operations: readonly OperationEntry[];
  readonly events: readonly EventEntry[];
  readonly handshake: EventEntry;
  /** The named schemas. */
  readonly schemas: Schemas;
}

/** The limits of an operation that has none. */
export const UNLIMITED = 'None.';

/** Reads the contract. */
export function readCatalogue(): Catalogue {
  return {
    operations: [...Object.values(authOperations), ...Object.values(operations)].map(
      operationEntry,
    ),
    events: Object.entries(events).map(([name, event]) => eventEntry(name, event, 'server')),
    handshake: eventEntry('connect', handshake, 'client'),
    schemas: namedSchemas(),
  };
}

function operationEntry(operation: Operation): OperationEntry {
  const { description, errors, example, http, limit, name, summary, tag } = operation;
  const output = describe(operation.output, 'server');
  return {
    ...{ name, id: identifier(name), tag, summary, description, http, errors },
    isSocket: name in operations,
    isPublic: operation.public === true,
    limits: operation.limits ?? describeLimit(limit),
    input: describe(operation.input, 'client'),
    output: Object.keys(output.properties ?? { some: output }).length === 0 ? undefined : output,
    example: { input: example.input as object, output: example.output as object },
  };
}

function eventEntry(name: string, event: SocketEvent, writer: Writer): EventEntry {
  const { description, summary } = event;
  const example = event.example as object;
  return {
    ...{ name, id: identifier(name), summary, description, example },
    payload: describe(event.payload, writer),
  };
}

function describeLimit(limit: keyof typeof RATE_LIMITS | undefined): string {
  if (limit === undefined) return UNLIMITED;
  const { burst, perSecond } = RATE_LIMITS[limit];
  return `Class \`${limit}\`: ${perSecond} a second per user, burst ${burst}.`;
}

function identifier(name: string): string {
  return name.replace(/[:-](.)/g, (_, letter: string) => letter.toUpperCase());
}
