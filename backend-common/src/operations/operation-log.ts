import type { Operation } from '@parley/common/contract';

import { audit, auditRefusal, type Logger } from '../logging/logger.ts';
import type { PublicContext } from './request-context.ts';

/** What is known of whoever calls an operation. */
type Calling = PublicContext & {
  readonly caller?: { readonly userId: string; readonly sessionId: string };
  readonly operator?: string;
  /** Over a socket. */
  readonly socket?: { readonly id: string } | null;
};

/** Fields of inputs and outputs that say what an operation is about. None of them is secret. */
const IDS = ['conversationId', 'messageId', 'attachmentId', 'userId', 'clientId', 'id', 'seq'];
/** Of the operations of administrators: the account, by username or id. */
const ADMIN_IDS = ['user'];
/** Clients choose some of them, so what does not look like an id is left out. */
const ID = /^[\w.:-]{1,64}$/;

/** Writes the audit log of operations and, at the level `debug`, a line for each operation. */
export class OperationLog {
  /** Whether each operation is logged. Read once: a check for each would cost more than the rest. */
  readonly isVerbose: boolean;
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.isVerbose = logger.isLevelEnabled('debug');
  }

  /** Records an operation of a kind that is audited. */
  audited(
    { name: operation }: Operation,
    context: Calling,
    { event, input }: { readonly event: string; readonly input: unknown },
  ): void {
    const target = { ...idsOf(input), ...changeOf(input) };
    audit(this.#logger, { event, operation, ...factsOf(context), target }, 'An operation is done');
  }

  /** Records what an administrator did with an account. */
  administered(
    { name: operation }: Operation,
    context: Calling,
    { event, input, output }: { readonly event: string; input: unknown; output: unknown },
  ): void {
    const target = { ...idsOf(input, ADMIN_IDS), ...idsOf(output, ['id']) };
    audit(this.#logger, { event, operation, ...factsOf(context), target }, 'An operation is done');
  }

  /** Records that an operation of administrators was not carried out, whoever called it. */
  notAdministered(
    { name: operation }: Operation,
    context: Calling,
    { code, input }: { readonly code: string; readonly input: unknown },
  ): void {
    const event = code === 'forbidden' ? 'forbidden' : 'administration_refused';
    const facts = { event, operation, code, ...factsOf(context) };
    const target = idsOf(input, ADMIN_IDS);
    void auditRefusal(this.#logger, { ...facts, target }, 'An operation was refused');
  }

  /** Records that somebody was refused what they may not do. */
  forbidden(operation: string, context: Calling): void {
    const facts = { event: 'forbidden', operation, ...factsOf(context) };
    void auditRefusal(this.#logger, facts, 'An operation was refused');
  }

  /** Follows one operation: with what it is about, and with its outcome. */
  ended(
    { name: operation }: Operation,
    context: Calling,
    { code, input, output }: { readonly code?: string; input: unknown; output?: unknown },
  ): void {
    const { requestId, sessionId, userId } = factsOf(context);
    const about = { ...idsOf(input), ...idsOf(output) };
    const fields = {
      operation,
      userId,
      sessionId,
      requestId,
      socketId: context.socket?.id,
      ...about,
      code,
    };
    this.#logger.debug(fields, code === undefined ? 'An operation is done' : 'An operation failed');
  }
}

function factsOf({ address, caller, operator, requestId }: Calling) {
  const by = operator === undefined ? {} : { operator };
  return { userId: caller?.userId, sessionId: caller?.sessionId, ...by, address, requestId };
}

/** Whom and to what an input changes. Their schemas admit ids and roles only. */
function changeOf(input: unknown): Record<string, unknown> {
  if (typeof input !== 'object' || input === null) return {};
  const { role, userIds } = input as { readonly role?: unknown; readonly userIds?: unknown };
  return { ...(role === undefined ? {} : { role }), ...(userIds === undefined ? {} : { userIds }) };
}

/** The ids among the fields of an input or an output. */
function idsOf(value: unknown, names: readonly string[] = IDS): Record<string, string | number> {
  if (typeof value !== 'object' || value === null) return {};
  const ids: Record<string, string | number> = {};
  for (const name of names) {
    const given = (value as Record<string, unknown>)[name];
    if (typeof given === 'number' || (typeof given === 'string' && ID.test(given))) {
      ids[name] = given;
    }
  }
  return ids;
}
