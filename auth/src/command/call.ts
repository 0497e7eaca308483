import { SECOND } from '@parley/common';

import type { AdminAction } from './arguments.ts';
import { URL_VARIABLES } from './deployment.ts';

/** The operation was not carried out. The message is for the person who typed the command. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The error of a service (RFC 9457). */
interface Refusal {
  readonly code?: string;
  readonly detail?: string;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}

interface Call {
  /** Where the service of the action is. */
  readonly url: string;
  /** A service token of kind `internal`. */
  readonly token: string;
  /** The person who typed the command, for the audit log. */
  readonly operator: string;
  readonly action: AdminAction;
}

/** Milliseconds until the service must have answered. */
const TIMEOUT = 20 * SECOND;

const HINT_OF_USER = 'Give the username, without @, or the id.';
const HINTS: Readonly<Record<string, string>> = {
  username_taken: 'Choose another: an account has or had it, or it is reserved.',
  unauthenticated: 'PARLEY_SECRET must be the one of the services.',
  unknown_operation: 'The service is older than this command: restart it with this version.',
};

/** Asks the service of an action to carry out an operation. @throws CommandError with the reason and a hint */
export async function call({
  action,
  operator,
  token,
  url,
}: Call): Promise<Record<string, unknown>> {
  const { input, operation, service } = action;
  const response = await reach(service, `${url}/internal/administration`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ operation, input, operator }),
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return answer;
  throw new CommandError(
    reasonOf(action, answer) ?? `The service ${service} answered ${response.status}.`,
  );
}

/** What a service says of a refusal, with what is wrong about the input and what to do. */
function reasonOf({ input }: AdminAction, refusal: Refusal): string | undefined {
  const { code = '', detail, issues = [] } = refusal;
  if (detail === undefined) return undefined;
  const faults = issues.map(({ message, path }) => `${path}: ${message}`).join('; ');
  const missing = 'user' in input ? HINT_OF_USER : 'Give the id of the conversation.';
  const hint = code === 'not_found' ? missing : HINTS[code];
  return [`${detail}${faults === '' ? '.' : `: ${faults}.`}`, hint].filter(Boolean).join(' ');
}

async function reach(
  service: AdminAction['service'],
  url: string,
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    const place = new URL(url).origin;
    throw new CommandError(
      `The service ${service} does not answer at ${place}. Check that it runs and that ${URL_VARIABLES[service]} names it.`,
      { cause },
    );
  }
}
