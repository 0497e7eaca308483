import type { AuthOperationName } from '@parley/common/contract';

/** The actions of the command, and the operation that each one calls. */
const ACTIONS = {
  show: 'admin:user',
  create: 'admin:user-create',
  'reset-password': 'admin:user-password-reset',
  suspend: 'admin:user-suspend',
  restore: 'admin:user-restore',
  'revoke-sessions': 'admin:user-revoke-sessions',
  delete: 'admin:user-delete',
} as const satisfies Record<string, AuthOperationName>;

export const USAGE = `Usage: npm run admin -- user <username or id> ${Object.keys(ACTIONS).join('|')}`;

/** An operation to call, with its input. */
export interface AdminAction {
  readonly operation: AuthOperationName;
  readonly input: Readonly<Record<string, string>>;
}

/** Reads the arguments of the command; `undefined` if they are not usable. */
export function readArguments(given: readonly string[]): AdminAction | undefined {
  const [kind, user = '', action = '', ...more] = given;
  if (kind !== 'user' || user === '' || more.length > 0) return undefined;
  const found = Object.entries(ACTIONS).find(([name]) => name === action);
  if (found === undefined) return undefined;
  const [name, operation] = found;
  return { operation, input: name === 'create' ? { username: user } : { user } };
}
