import type { z } from 'zod';

import type { ErrorBody } from '../errors.ts';
import type { RateLimitClass } from '../limits.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Where an operation stands in HTTP. `:name` parts of the path are fields of the input. */
export interface HttpBinding {
  readonly method: HttpMethod;
  readonly path: `/${string}`;
  /** 200 where not said; an operation whose output is empty answers 204. */
  readonly status?: 201;
}

/** An operation of the contract: one name, one input, one output, on every transport. */
export interface Operation<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  readonly name: Name;
  readonly summary: string;
  /** Absent where the operation needs a socket. */
  readonly http?: HttpBinding;
  readonly input: Input;
  readonly output: Output;
  /** The token bucket of the caller that one call takes from; absent where other limits hold. */
  readonly limit?: RateLimitClass;
  /** Whether it is served without a session. */
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

/** Operations by name, as a table whose keys are the names themselves. */
export type OperationTable = Readonly<Record<string, Operation>>;

/** What a handler of an operation receives. */
export type InputOf<Op extends Operation> = z.output<Op['input']>;
/** What a caller of an operation sends. */
export type CallOf<Op extends Operation> = z.input<Op['input']>;
/** What an operation answers. */
export type OutputOf<Op extends Operation> = z.output<Op['output']>;

/** The acknowledgement of a socket operation. */
export type Ack<Data> = { ok: true; data: Data } | { ok: false; error: ErrorBody };
