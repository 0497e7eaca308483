import type { AuthOperationName, OperationName } from '@parley/common/contract';

type Name = OperationName | AuthOperationName;
type AdminName = Extract<Name, `admin:${string}`>;

/**
 * The operations of which every successful call is in the audit log, with the event of each. Those of administrators
 * are recorded even when they are refused. Auth records operations on passwords itself.
 */
const AUDITED: Partial<Record<Name, string>> & Record<AdminName, string> = {
  'admin:conversation': 'conversation_shown',
  'admin:conversation-members': 'members_shown',
  'admin:push': 'pushes_shown',
  'admin:stats': 'stats_shown',
  'admin:user': 'account_shown',
  'admin:user-create': 'account_created',
  'admin:user-revoke-sessions': 'account_sessions_revoked',
  'admin:user-delete': 'account_deleted',
  'admin:user-suspend': 'account_suspended',
  'admin:user-restore': 'account_restored',
  'admin:user-password-reset': 'password_reset_begun',
  'admin:engagement': 'engagement_shown',
  'auth:logout': 'logout',
  'session:revoke': 'session_revoked',
  'session:revoke-others': 'other_sessions_revoked',
  'member:role': 'role_changed',
  'member:add': 'members_added',
  'member:remove': 'member_removed',
  'message:delete': 'message_deleted',
};

/** The event that the audit log has of each successful call of an operation; `undefined` if it has none. */
export function auditedEvent(operation: string): string | undefined {
  return Object.hasOwn(AUDITED, operation) ? AUDITED[operation as keyof typeof AUDITED] : undefined;
}
