import {
  AppError,
  LIMITS,
  RATE_LIMITS,
  shorten,
  toWellFormed,
  type ErrorIssue,
  type RateLimitClass,
} from '@parley/common';
import {
  COMMON_ERRORS,
  isForAdministrators,
  type InputOf,
  type Operation,
  type OperationTable,
  type OutputOf,
} from '@parley/common/contract';
import type { z } from 'zod';

import type { Logger } from '../logging/logger.ts';
import type { TokenBuckets } from '../limits/token-buckets.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Caller } from '../sessions/session-verifier.ts';
import { auditedEvent } from './audited-operations.ts';
import type { PublicContext, RequestContext } from './request-context.ts';
import { OperationLog } from './operation-log.ts';
import { toServiceError } from './service-error.ts';
import { checkShape } from './shape.ts';

/** One handler for each operation of a table; a missing one does not compile. */
export type Handlers<Table extends OperationTable, Context extends RequestContext> = {
  readonly [Name in keyof Table]: (
    input: InputOf<Table[Name]>,
    context: Table[Name] extends { readonly public: true } ? PublicContext : Context,
  ) => Promise<OutputOf<Table[Name]>>;
};

interface DispatcherDeps<Table extends OperationTable, Context extends RequestContext> {
  readonly operations: Table;
  readonly handlers: Handlers<Table, Context>;
  readonly metrics: Metrics;
  /** Knows the administrators of the server; absent: there are none. */
  readonly administrators?: { require(userId: string): Promise<void> } | undefined;
  /** Absent where limits are switched off. */
  readonly buckets?: TokenBuckets | undefined;
  /** Checks each answer against the contract; for tests. */
  readonly checkOutput?: boolean;
  /** Gets the audit log and, at the level `debug`, each operation. */
  readonly logger?: Logger | undefined;
  /** Operations in progress at once; default 20,000. */
  readonly mostInProgress?: number;
}

/** Most UTF-16 code units of each text about an invalid input. */
const LONGEST_ISSUE = 200;

type AnyHandler = (input: unknown, context: unknown) => Promise<unknown>;

/** An operation with what carries it out. */
interface Served {
  readonly operation: Operation;
  readonly handle: AnyHandler;
  readonly isAdministration: boolean;
  /** The event that a successful call is recorded as in the audit log; absent if it is not recorded. */
  readonly event: string | undefined;
  /** Observes the duration of a call, in seconds. */
  readonly duration: { observe(seconds: number): void };
}

/**
 * Operations in progress at once. While the database is away each takes seconds, and more would only fill the memory.
 * Twice the longest queue of the log, so that the limits of the log apply first.
 */
const MOST_IN_PROGRESS = 2 * LIMITS.appendQueue;

/**
 * Carries out operations, the same for every transport: looks the name up, checks the shape, takes from the
 * caller's bucket, calls the handler, measures. Holds the only cast between the table and its handlers.
 */
export class Dispatcher<Table extends OperationTable, Context extends RequestContext> {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly #served: ReadonlyMap<string, Served>;
  readonly #deps: DispatcherDeps<Table, Context>;
  readonly #errors;
  readonly #log: OperationLog | undefined;
  readonly #isVerbose: boolean;
  #inProgress = 0;

  constructor(deps: DispatcherDeps<Table, Context>) {
    this.#deps = deps;
    this.operations = new Map(Object.entries(deps.operations));
    this.#log = deps.logger && new OperationLog(deps.logger);
    this.#isVerbose = this.#log?.isVerbose === true;
    const handlers = new Map(Object.entries(deps.handlers) as [string, AnyHandler][]);
    const durations = deps.metrics.duration(
      'parley_operation_duration_seconds',
      'Duration of an operation, from request to answer',
      { operation: [] },
    );
    this.#errors = deps.metrics.counter(
      'parley_operation_errors_total',
      'Requests answered with an error',
      { operation: [], code: [] },
    );
    this.#errors.inc({ operation: 'unknown', code: 'unknown_operation' }, 0);
    const served = [...this.operations].flatMap(([name, operation]): [string, Served][] => {
      const handle = handlers.get(name);
      if (handle === undefined) return [];
      for (const code of [...operation.errors, ...COMMON_ERRORS]) {
        this.#errors.inc({ operation: name, code }, 0);
      }
      const event = auditedEvent(name);
      const isAdministration = isForAdministrators(operation);
      const duration = durations.with({ operation: name });
      return [[name, { operation, handle, isAdministration, event, duration }]];
    });
    this.#served = new Map(served);
  }

  /**
   * Carries out one operation.
   * @throws AppError `unknown_operation`, `unavailable` (too many in progress), `unauthenticated`, `invalid_input`, `rate_limited`, or what the handler throws
   */
  run(name: string, input: unknown, context: Context | PublicContext): Promise<unknown> {
    const served = this.#served.get(name);
    if (served === undefined) {
      const error = this.#refuseUnknown(context);
      this.#errors.inc({ operation: 'unknown', code: error.code });
      return Promise.reject(error);
    }
    if (this.#inProgress >= (this.#deps.mostInProgress ?? MOST_IN_PROGRESS)) {
      this.#errors.inc({ operation: name, code: 'unavailable' });
      return Promise.reject(new AppError('unavailable', 'Too many operations are in progress'));
    }
    this.#inProgress += 1;
    const startedAt = performance.now();
    // Not an async function: its local variables would stay in memory until the answer, for each request in progress.
    return this.#begin(served, input, context).then(
      (output) => {
        this.#inProgress -= 1;
        served.duration.observe((performance.now() - startedAt) / 1_000);
        if (served.event !== undefined || this.#isVerbose)
          this.#logSuccess(served, context, { input, output });
        return output;
      },
      (thrown: unknown) => {
        this.#inProgress -= 1;
        const error = toServiceError(thrown);
        this.#errors.inc({ operation: name, code: error.code });
        this.#logRefusal(served, context, { input, code: error.code });
        served.duration.observe((performance.now() - startedAt) / 1_000);
        throw error;
      },
    );
  }

  #logSuccess(
    served: Served,
    context: Context | PublicContext,
    { input, output }: { readonly input: unknown; readonly output: unknown },
  ): void {
    const { event, operation } = served;
    if (event !== undefined) this.#log?.audited(served, context, { event, input, output });
    if (this.#isVerbose) this.#log?.ended(operation, context, { input, output });
  }

  #logRefusal(
    served: Served,
    context: Context | PublicContext,
    refused: { readonly input: unknown; readonly code: string },
  ): void {
    this.#log?.refused(served, context, refused);
    if (this.#isVerbose) this.#log?.ended(served.operation, context, refused);
  }

  /** Calls the handler. Never throws, only rejects. */
  #begin(
    { handle, isAdministration, operation }: Served,
    input: unknown,
    context: Context | PublicContext,
  ): Promise<unknown> {
    try {
      const caller = 'caller' in context ? context.caller : undefined;
      if (operation.public !== true && caller === undefined) throw new AppError('unauthenticated');
      if (operation.limit !== undefined && caller !== undefined)
        this.#take(caller, operation.limit);
      const running = isAdministration
        ? this.#requireAdministrator(context).then(() =>
            handle(parseInput(operation.input, input), context),
          )
        : handle(parseInput(operation.input, input), context);
      if (this.#deps.checkOutput !== true) return running;
      return running.then((output) => {
        operation.output.parse(output);
        return output;
      });
    } catch (thrown) {
      return Promise.reject(toServiceError(thrown));
    }
  }

  /** Checks the caller before the input is looked at, so that others learn nothing from the answer. */
  async #requireAdministrator(context: Context | PublicContext): Promise<void> {
    const { administrators } = this.#deps;
    const { caller, operator }: Partial<RequestContext> = context;
    if (operator !== undefined) return;
    if (caller === undefined || administrators === undefined) throw new AppError('forbidden');
    await administrators.require(caller.userId);
  }

  /** Names that do not exist cost what a read costs, so that asking for them is limited too. */
  #refuseUnknown(context: Context | PublicContext): AppError {
    try {
      if ('caller' in context) this.#take(context.caller, 'read');
      return new AppError('unknown_operation');
    } catch (thrown) {
      return toServiceError(thrown);
    }
  }

  #take(caller: Caller, limit: RateLimitClass): void {
    this.#deps.buckets?.take(`${limit}:${caller.userId}`, RATE_LIMITS[limit]);
  }
}

/** Checks an input against its schema. @throws AppError `invalid_input` with the faults */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  checkShape(input);
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issues: ErrorIssue[] = result.error.issues
    .slice(0, 20)
    .map(({ path, message }) => ({ path: quotable(path.join('.')), message: quotable(message) }));
  throw new AppError('invalid_input', 'The input is not valid', { issues });
}

/** A text about an input, which may quote names that the caller chose: bounded, and without half a character. */
function quotable(text: string): string {
  return shorten(toWellFormed(text), LONGEST_ISSUE);
}
