import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { id, time } from '../model/primitives.ts';
import { displayName, newPassword, session, username } from '../model/user.ts';
import { MINUTE } from '../time.ts';
import { BEN, OTHER_SESSION } from './examples.ts';
import { operation } from './operation.ts';

const named = z.strictObject({
  user: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .describe('The username, in upper or lower case, or the id.'),
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
const details = account
  .extend({
    sessions: z.array(session.omit({ current: true })).describe('Those that have not ended.'),
    devices: z.int().describe('The number of devices that receive pushes.'),
  })
  .meta({ id: 'AccountDetails', description: 'An account with its sessions and devices.' });
export type AdminAccountDetails = z.infer<typeof details>;

const ADMINS = 'For administrators only.';
const TOKEN = 'q1Yb0m7nC3Zk9sVd5xQpLr2TtWg8uEoHjNfAaBcDeFg';
const none = z.strictObject({});

const passwordLink = z.object({
  link: z
    .string()
    .describe(
      'Shown only once; give it to nobody but the user. It is a path of the web app if the server does not know its own origin. The token is in the fragment, after the `#`.',
    ),
  expiresAt: time,
});
const exampleLink = {
  link: `https://chat.example.org/reset-password#${TOKEN}`,
  expiresAt: 1_767_229_200_000,
};

/** Operations of administrators. Whoever else calls an operation whose path is under `/admin` is refused with `forbidden`. */
export const adminOperations = {
  'admin:user-create': operation({
    name: 'admin:user-create',
    tag: 'Administration',
    summary: 'Create an account',
    description: `Works where registration is closed too. Nobody can log in to the new account until its user has set a password with the link, which works like that of \`admin:user-password-reset\`; that operation also gives another link. A reserved username is \`username_taken\`, unless \`PARLEY_ADMINS\` lists it. ${ADMINS} Since revision 12.`,
    http: { method: 'POST', path: '/admin/users', status: 201 },
    limit: 'write',
    errors: ['forbidden', 'username_taken'],
    input: z.strictObject({ username, displayName: displayName.optional() }),
    output: account.extend(passwordLink.shape),
    example: {
      input: { username: 'ben', displayName: 'Ben' },
      output: { ...ben, ...exampleLink },
    },
  }),
  'admin:user': operation({
    name: 'admin:user',
    tag: 'Administration',
    summary: 'Show an account',
    description: `Finds deleted accounts too, which have no display name. ${ADMINS} Since revision 11.`,
    http: { method: 'GET', path: '/admin/users/:user' },
    limit: 'read',
    errors: ['forbidden', 'not_found'],
    input: named,
    output: details,
    example: {
      input: { user: 'ben' },
      output: {
        ...ben,
        sessions: [
          {
            ...{ id: OTHER_SESSION, deviceName: 'Telephone', createdAt: 1_767_225_600_000 },
            ...{ lastSeenAt: 1_767_225_660_000, expiresAt: 1_769_817_660_000 },
          },
        ],
        devices: 1,
      },
    },
  }),
  'admin:user-revoke-sessions': operation({
    name: 'admin:user-revoke-sessions',
    tag: 'Administration',
    summary: 'End all sessions of an account',
    description: `Their sockets are closed on every node; the user can log in again. ${ADMINS} Since revision 11.`,
    http: { method: 'POST', path: '/admin/users/:user/revoke-sessions' },
    limit: 'write',
    errors: ['forbidden', 'not_found'],
    input: named,
    output: account,
    example: { input: { user: 'ben' }, output: ben },
  }),
  'admin:user-delete': operation({
    name: 'admin:user-delete',
    tag: 'Administration',
    summary: 'Delete an account, for good',
    description: `Does the same as \`DELETE /me\`. Deleting an account again changes nothing. An administrator who names their own account gets \`conflict\`. ${ADMINS} Since revision 11.`,
    http: { method: 'DELETE', path: '/admin/users/:user' },
    limit: 'write',
    errors: ['forbidden', 'not_found', 'conflict'],
    input: named,
    output: account,
    example: {
      input: { user: 'ben' },
      output: { ...ben, displayName: null, deletedAt: 1_767_225_720_000 },
    },
  }),
  'admin:user-suspend': operation({
    name: 'admin:user-suspend',
    tag: 'Administration',
    summary: 'Suspend an account',
    description: `All its sessions end, their sockets are closed on every node, and their devices get no more pushes. A login with the right password is \`account_suspended\`. Messages and memberships stay, and messages to the account are kept for it. Suspending it again changes nothing. An administrator who names their own account gets \`conflict\`. ${ADMINS} Since revision 9.`,
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
    description: `The user can log in again and has everything as before. Restoring an account that is not suspended changes nothing. ${ADMINS} Since revision 9.`,
    http: { method: 'POST', path: '/admin/users/:user/restore' },
    limit: 'write',
    errors: ['forbidden', 'not_found'],
    input: named,
    output: account,
    example: { input: { user: 'ben' }, output: ben },
  }),
  'admin:user-password-reset': operation({
    name: 'admin:user-password-reset',
    tag: 'Administration',
    summary: 'Get a link with which a user sets a new password',
    description: `Works once, within ${LIMITS.passwordReset / MINUTE} minutes; a new link replaces the one before. Until it is used, the password that the user has stays valid. ${ADMINS} Since revision 10.`,
    http: { method: 'POST', path: '/admin/users/:user/password-reset' },
    limit: 'write',
    errors: ['forbidden', 'not_found'],
    input: named,
    output: passwordLink,
    example: { input: { user: 'ben' }, output: exampleLink },
  }),
  'auth:password-reset': operation({
    name: 'auth:password-reset',
    tag: 'Accounts',
    summary: 'Set a new password with the link of an administrator',
    description:
      'All sessions of the user end. `reset_token_invalid`: the token was used or replaced, has expired, or does not exist. A password that is refused does not use it up. Since revision 10.',
    http: { method: 'POST', path: '/auth/password-reset' },
    public: true,
    errors: ['reset_token_invalid'],
    limits:
      'Logins, registrations and resets of a password from one address: 2 a second, burst 60.',
    input: z.strictObject({ token: z.string().min(1).max(100), password: newPassword }),
    output: none,
    example: { input: { token: TOKEN, password: 'an even longer secret' }, output: {} },
  }),
} as const;
