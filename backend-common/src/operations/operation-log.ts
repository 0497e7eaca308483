import type { Operation } from '@parley/common/contract';

import { audit, auditRefusal, type Logger } from '../logging/logger.ts';
import type { PublicContext } from './request-context.ts';

/** An operation as the audit log needs it. */
interface AuditedOperation {
  readonly operation: Operation;
  /** Whether it is for administrators. */
  readonly isAdministration: boolean;
}

/** What is known about the caller of an operation. */
type Calling = PublicContext & {
  readonly caller?: { readonly userId: string; readonly sessionId: string };
  readonly operator?: string;
  /** The socket that the call came over, if it came over one. */
  readonly socket?: { readonly id: string } | null;
};

/** Fields of inputs and outputs that identify what an operation is about. None of them is secret. */
const IDS = ['conversationId', 'messageId', 'attachmentId', 'userId', 'clientId', 'id', 'seq'];
/** The same for operations of administrators: the account, by username or id, or the username of a new one; or the conversation. */
const ADMIN_IDS = ['user', 'username', 'conversationId'];
/** Clients choose some of these values, so a value that does not look like an id is left out. */
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

  /** Writes an audited operation that was carried out to the audit log. */
  audited(
    { isAdministration, operation: { name: operation } }: AuditedOperation,
    context: Calling,
    { event, input, output }: { readonly event: string; input: unknown; output: unknown },
  ): void {
    const target = isAdministration
      ? { ...idsOf(input, ADMIN_IDS), ...idsOf(output, ['id']) }
      : { ...idsOf(input), ...changeOf(input) };
    audit(this.#logger, { event, operation, ...factsOf(context), target }, 'An operation is done');
  }

  /** Writes a refusal to the audit log: every refusal of an operation of administrators, otherwise only `forbidden`. */
  refused(
    { isAdministration, operation: { name: operation } }: AuditedOperation,
    context: Calling,
    { code, input }: { readonly code: string; readonly input: unknown },
  ): void {
    const isForbidden = code === 'forbidden';
    if (!isForbidden && !isAdministration) return;
    const event = isForbidden ? 'forbidden' : 'administration_refused';
    const about = isAdministration ? { code, target: idsOf(input, ADMIN_IDS) } : {};
    const facts = { event, operation, ...factsOf(context), ...about };
    void auditRefusal(this.#logger, facts, 'An operation was refused');
  }

  /** Logs the outcome of one operation and what it was about, at the level `debug`. */
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

/** The users that an input changes, and their new role. The schemas of these fields admit ids and roles only. */
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
