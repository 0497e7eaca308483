import type { Db, Transact } from '@parley/backend-common';
import { DeviceCounter } from '@parley/backend-common/domain';
import type { Now } from '@parley/common';

import type { AccountCreation } from '../accounts/account-creation.ts';
import type { AccountDeletion } from '../accounts/deletion.ts';
import type { PasswordReset } from '../accounts/password-reset.ts';
import type { Module } from '../module.ts';
import type { UserRepository } from '../profiles/repository.ts';
import type { SessionService } from '../sessions/service.ts';
import { AdministrationService } from './service.ts';

interface AdministrationModuleDeps {
  readonly db: Db;
  readonly users: UserRepository;
  readonly sessions: SessionService;
  readonly creation: Pick<AccountCreation, 'create'>;
  readonly deletion: Pick<AccountDeletion, 'deleteFor'>;
  readonly passwordReset: Pick<PasswordReset, 'begin'>;
  readonly transact: Transact;
  readonly now: Now;
}

type AdministrationOperation =
  | 'admin:user'
  | `admin:user-${'create' | 'suspend' | 'restore' | 'password-reset' | 'revoke-sessions' | 'delete'}`;

/** Showing, suspending, restoring and deleting accounts, ending their sessions and resetting passwords, for administrators. */
export function createAdministrationModule(
  deps: AdministrationModuleDeps,
): Module<AdministrationOperation> {
  const service = new AdministrationService({ ...deps, devices: new DeviceCounter(deps.db) });
  return {
    name: 'administration',
    handlers: {
      'admin:user': ({ user }) => service.show(user),
      'admin:user-create': (input) => deps.creation.create(input),
      'admin:user-revoke-sessions': ({ user }) => service.revokeSessions(user),
      'admin:user-delete': ({ user }, context) => service.delete(user, context),
      'admin:user-suspend': ({ user }, context) => service.suspend(user, context),
      'admin:user-restore': ({ user }) => service.restore(user),
      'admin:user-password-reset': ({ user }) => service.resetPassword(user),
    },
  };
}
