import type { AuthOperationName } from '@parley/common/contract';

/** The actions of the command, and the operation that each one calls. */
const ACTIONS = {
  show: 'admin:user',
  'reset-password': 'admin:user-password-reset',
  suspend: 'admin:user-suspend',
  restore: 'admin:user-restore',
  'revoke-sessions': 'admin:user-revoke-sessions',
  delete: 'admin:user-delete',
} as const satisfies Record<string, AuthOperationName>;

export const USAGE = `Usage: npm run admin -- user <username or id> ${Object.keys(ACTIONS).join('|')}`;

/** An operation to call, and its account. */
export interface AccountAction {
  readonly operation: AuthOperationName;
  /** A username or an id. */
  readonly user: string;
}
/** Reads the arguments of the command; `undefined` if they are not usable. */
export function readArguments(given: readonly string[]): AccountAction | undefined {
  const [kind, user = '', action = '', ...more] = given;
  if (kind !== 'user' || user === '' || more.length > 0) return undefined;
  const found = Object.entries(ACTIONS).find(([name]) => name === action);
  return found === undefined ? undefined : { user, operation: found[1] };
}
