import type { Audience } from '@parley/backend-common';
import type { AuthOperationName, OperationName } from '@parley/common/contract';

/** What can be done with an account, and the operation of auth that each action calls. */
const USER_ACTIONS = {
  show: 'admin:user',
  create: 'admin:user-create',
  'reset-password': 'admin:user-password-reset',
  suspend: 'admin:user-suspend',
  restore: 'admin:user-restore',
  'revoke-sessions': 'admin:user-revoke-sessions',
  delete: 'admin:user-delete',
} as const satisfies Record<string, AuthOperationName>;

/** The same for a conversation; the operations are those of messaging. */
const CONVERSATION_ACTIONS = {
  show: 'admin:conversation',
  members: 'admin:conversation-members',
} as const satisfies Record<string, OperationName>;

export const USAGE = [
  `Usage: npm run admin -- user <username or id> ${Object.keys(USER_ACTIONS).join('|')}`,
  `       npm run admin -- conversation <id> ${Object.keys(CONVERSATION_ACTIONS).join('|')}`,
  '       npm run admin -- push <username or id> show',
  '       npm run admin -- stats',
].join('\n');

/** An operation to call, with its input and the service that carries it out. */
export type AdminAction = {
  readonly service: Audience;
  readonly input: Readonly<Record<string, string>>;
} & (
  | { readonly service: 'auth'; readonly operation: AuthOperationName }
  | { readonly service: 'messaging'; readonly operation: OperationName }
);

/** Reads the arguments of the command; `undefined` if they are not usable. */
export function readArguments(given: readonly string[]): AdminAction | undefined {
  const [kind, subject = '', action = '', ...more] = given;
  if (kind === 'stats' && given.length === 1) {
    return { service: 'messaging', operation: 'admin:stats', input: {} };
  }
  if (subject === '' || more.length > 0) return undefined;
  if (kind === 'user') {
    const operation = actionOf(USER_ACTIONS, action);
    const input = action === 'create' ? { username: subject } : { user: subject };
    return operation && { service: 'auth', operation, input };
  }
  if (kind === 'conversation') {
    const operation = actionOf(CONVERSATION_ACTIONS, action);
    return operation && { service: 'messaging', operation, input: { conversationId: subject } };
  }
  return kind === 'push' && action === 'show'
    ? { service: 'messaging', operation: 'admin:push', input: { user: subject } }
    : undefined;
}

function actionOf<Name extends string>(
  actions: Readonly<Record<string, Name>>,
  action: string,
): Name | undefined {
  return Object.hasOwn(actions, action) ? actions[action] : undefined;
}
