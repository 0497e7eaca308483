import type { z } from 'zod';

import type { ErrorBody, ErrorCode } from '../errors.ts';
import type { RateLimitClass } from '../limits.ts';
import type { Tag } from './tags.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The HTTP request that calls an operation. `:name` segments of the path are fields of the input. */
export interface HttpBinding {
  readonly method: HttpMethod;
  readonly path: `/${string}`;
  /** Default 200; an operation whose output is empty answers 204. */
  readonly status?: 201;
}

/** An operation of the contract: one name, one input and one output on every transport. */
export interface Operation<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  readonly name: Name;
  readonly tag: Tag;
  /** One line without a full stop. */
  readonly summary: string;
  /** What name and schemas do not say: who may call it, what it changes, what a repeat does. Markdown. */
  readonly description: string;
  /** Absent for an operation that needs a socket. */
  readonly http?: HttpBinding;
  readonly input: Input;
  readonly output: Output;
  readonly example: { readonly input: z.input<Input>; readonly output: z.output<Output> };
  /** Error codes of its own, in addition to {@link COMMON_ERRORS}. */
  readonly errors: readonly ErrorCode[];
  /** The token bucket of the caller that one call takes from; absent where other limits apply. */
  readonly limit?: RateLimitClass;
  /** The limits in words, where `limit` does not say all. Markdown. */
  readonly limits?: string;
  /** Whether it may take longer than other operations, which are answered `unavailable` after 15.5 s. */
  readonly longRunning?: boolean;
  /** Whether it may be called without a session. */
  readonly public?: boolean;
}

/** Declares an operation and keeps its exact types. */
export function operation<
  const Name extends string,
  Input extends z.ZodType,
  Output extends z.ZodType,
>(declared: Operation<Name, Input, Output>): Operation<Name, Input, Output> {
  return declared;
}

/** Whether an operation is for administrators only. Its path says so, so that none can be forgotten. */
export function isForAdministrators({ http }: Pick<Operation, 'http'>): boolean {
  return http?.path.startsWith('/admin/') === true;
}

/** Codes that any operation may answer; operations do not list them. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  'invalid_input',
  'unauthenticated',
  'session_expired',
  'payload_too_large',
  'unsupported_media_type',
  'rate_limited',
  'unavailable',
  'internal',
];

/** Operations by name. */
export type OperationTable = Readonly<Record<string, Operation>>;

/** What a handler of an operation receives. */
export type InputOf<Op extends Operation> = z.output<Op['input']>;
/** What a caller of an operation sends. */
export type CallOf<Op extends Operation> = z.input<Op['input']>;
/** What an operation answers. */
export type OutputOf<Op extends Operation> = z.output<Op['output']>;

/** The acknowledgement of a socket operation. */
export type Ack<Data> = { ok: true; data: Data } | { ok: false; error: ErrorBody };
