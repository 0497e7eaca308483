import type { Transact } from '@parley/backend-common';
import type { Now } from '@parley/common';

import type { PasswordReset } from '../accounts/password-reset.ts';
import type { Module } from '../module.ts';
import type { UserRepository } from '../profiles/repository.ts';
import type { SessionService } from '../sessions/service.ts';
import { AdministrationService } from './service.ts';

interface AdministrationModuleDeps {
  readonly users: UserRepository;
  readonly sessions: SessionService;
  readonly passwordReset: Pick<PasswordReset, 'begin'>;
  readonly transact: Transact;
  readonly now: Now;
}

type AdministrationOperation = `admin:user-${'suspend' | 'restore' | 'password-reset'}`;

/** What administrators do with accounts. */
export function createAdministrationModule(
  deps: AdministrationModuleDeps,
): Module<AdministrationOperation> {
  const service = new AdministrationService(deps);
  return {
    name: 'administration',
    handlers: {
      'admin:user-suspend': ({ user }, context) => service.suspend(user, context),
      'admin:user-restore': ({ user }) => service.restore(user),
      'admin:user-password-reset': ({ user }) => service.resetPassword(user),
    },
  };
}
