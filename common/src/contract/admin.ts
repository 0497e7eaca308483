import { z } from 'zod';

import { id, time } from '../model/primitives.ts';
import { BEN } from './examples.ts';
import { operation } from './operation.ts';

const named = z.strictObject({
  user: z.string().min(1).max(64).describe('The username, in upper or lower case, or the id.'),
});

const account = z
  .object({
    id,
    username: z.string(),
    displayName: z.string().nullable(),
    createdAt: time,
    suspendedAt: time.nullable().describe('When it was suspended; `null` if it is not.'),
    deletedAt: time.nullable().describe('When it was deleted; `null` if it is not.'),
  })
  .meta({ id: 'Account', description: 'An account as administrators see it.' });
export type AdminAccount = z.infer<typeof account>;

const ben: AdminAccount = {
  ...{ id: BEN, username: 'ben', displayName: 'Ben', createdAt: 1_767_225_600_000 },
  ...{ suspendedAt: null, deletedAt: null },
};
const ADMINS = 'For administrators only.';

/** Operations of administrators. Whoever else calls an operation whose path is under `/admin` is refused with `forbidden`. */
export const adminOperations = {
  'admin:user-suspend': operation({
    name: 'admin:user-suspend',
    tag: 'Administration',
    summary: 'Suspend an account',
    description: `All its sessions end, their sockets are closed on every node, and their devices get no more pushes. A log-in with the right password is \`account_suspended\`. Messages and memberships stay, and messages to the account are kept for it. Suspending it again changes nothing; the own account is a \`conflict\`. ${ADMINS} Since revision 9.`,
    http: { method: 'POST', path: '/admin/users/:user/suspend' },
    limit: 'write',
    errors: ['forbidden', 'not_found', 'conflict'],
    input: named,
    output: account,
    example: { input: { user: 'ben' }, output: { ...ben, suspendedAt: 1_767_225_720_000 } },
  }),
  'admin:user-restore': operation({
    name: 'admin:user-restore',
    tag: 'Administration',
    summary: 'End the suspension of an account',
    description: `Its user can log in again and has everything as before. Restoring an account that is not suspended changes nothing. ${ADMINS} Since revision 9.`,
    http: { method: 'POST', path: '/admin/users/:user/restore' },
    limit: 'write',
    errors: ['forbidden', 'not_found'],
    input: named,
    output: account,
    example: { input: { user: 'ben' }, output: ben },
  }),
} as const;
