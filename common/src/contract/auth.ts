import { z } from 'zod';

import { LIMITS, REGISTRATIONS_PER_HOUR } from '../limits.ts';
import { id } from '../model/primitives.ts';
import {
  deviceName,
  displayName,
  newPassword,
  password,
  session,
  user,
  username,
} from '../model/user.ts';
import { adminOperations } from './admin.ts';
import { OTHER_SESSION, self, session as exampleSession } from './examples.ts';
import { operation } from './operation.ts';
import { userOperations } from './users.ts';

const none = z.strictObject({});
const signedIn = z
  .object({
    sessionToken: z
      .string()
      .describe('Shown only once. Keep it secret and never put it into a URL.'),
    session,
    user,
  })
  .meta({ id: 'SignedIn', description: 'A session that has just begun.' });
const newDeviceName = deviceName.optional().describe('The name of the new session.');

const exampleSignedIn = {
  sessionToken: 'q1Yb0m7nC3Zk9sVd5xQpLr2TtWg8uEoHjNfAaBcDeFg',
  session: exampleSession,
  user: self,
};
const BY_ADDRESS =
  'Logins, registrations and resets of a password from one address: 2 a second, burst 60.';

/** Operations on accounts and sessions. */
const accountOperations = {
  'auth:register': operation({
    name: 'auth:register',
    tag: 'Accounts',
    summary: 'Create an account and log in',
    description:
      'Some usernames are reserved, and a username is taken once any account has had it. `forbidden` if the server is closed to new accounts (`GET /api/meta` says so). A password that is common or close to the username is `invalid_input`.',
    http: { method: 'POST', path: '/auth/register', status: 201 },
    public: true,
    errors: ['forbidden', 'username_taken'],
    limits: `${REGISTRATIONS_PER_HOUR} accounts an hour from one address. ${BY_ADDRESS}`,
    input: z.strictObject({
      username,
      password: newPassword,
      displayName: displayName.optional(),
      deviceName: newDeviceName,
    }),
    output: signedIn,
    example: {
      input: {
        username: 'ann',
        password: 'a long enough secret',
        displayName: 'Ann Archer',
        deviceName: 'Laptop',
      },
      output: exampleSignedIn,
    },
  }),
  'auth:login': operation({
    name: 'auth:login',
    tag: 'Accounts',
    summary: 'Log in with username and password',
    description: `An unknown username and a wrong password get the same answer. Failed attempts are slowed down per account and address; an address from which the owner has logged in is never locked out. A user has at most ${LIMITS.sessionsPerUser} sessions: one more ends the session that has been idle longest. \`account_suspended\`: the password is right, and an administrator has suspended the account.`,
    http: { method: 'POST', path: '/auth/login' },
    public: true,
    errors: ['invalid_credentials', 'account_suspended'],
    limits: `Failed attempts per account and address, even if all other limits are switched off. ${BY_ADDRESS}`,
    input: z.strictObject({
      // A string that cannot be a username belongs to nobody: it is answered like an unknown one.
      username: z
        .string()
        .min(1)
        .max(LIMITS.usernameMax)
        .transform((name) => name.toLowerCase())
        .describe('Upper case becomes lower case.'),
      password: password
        .refine((value) => value.length > 0, 'Must not be empty')
        .meta({ minLength: 1, maxLength: LIMITS.passwordMax }),
      deviceName: newDeviceName,
    }),
    output: signedIn,
    example: {
      input: { username: 'ann', password: 'a long enough secret', deviceName: 'Laptop' },
      output: exampleSignedIn,
    },
  }),
  'auth:logout': operation({
    name: 'auth:logout',
    tag: 'Accounts',
    summary: 'End the session of the caller',
    description:
      'The token stops working, and the sockets of the session are closed on every node.',
    http: { method: 'POST', path: '/auth/logout' },
    limit: 'write',
    errors: [],
    input: none,
    output: none,
    example: { input: {}, output: {} },
  }),
  'session:list': operation({
    name: 'session:list',
    tag: 'Sessions',
    summary: 'List the sessions of the caller',
    description: 'Sessions that have not ended, last used first.',
    http: { method: 'GET', path: '/auth/sessions' },
    limit: 'read',
    errors: [],
    input: none,
    output: z.object({ sessions: z.array(session) }),
    example: {
      input: {},
      output: {
        sessions: [
          exampleSession,
          { ...exampleSession, id: OTHER_SESSION, deviceName: 'Telephone', current: false },
        ],
      },
    },
  }),
  'session:revoke': operation({
    name: 'session:revoke',
    tag: 'Sessions',
    summary: 'End one session of the caller',
    description:
      'Its sockets are closed on every node. Ending a session that has ended changes nothing.',
    http: { method: 'DELETE', path: '/auth/sessions/:id' },
    limit: 'write',
    errors: ['not_found'],
    input: z.strictObject({ id: id.describe('The session.') }),
    output: none,
    example: { input: { id: OTHER_SESSION }, output: {} },
  }),
  'session:revoke-others': operation({
    name: 'session:revoke-others',
    tag: 'Sessions',
    summary: 'End all sessions of the caller but this one',
    description: 'Their sockets are closed on every node.',
    http: { method: 'DELETE', path: '/auth/sessions' },
    limit: 'write',
    errors: [],
    input: none,
    output: none,
    example: { input: {}, output: {} },
  }),
  'auth:password': operation({
    name: 'auth:password',
    tag: 'Accounts',
    summary: 'Change the password and end all other sessions',
    description:
      'The session of the caller continues. `conflict`, which may be repeated: the password was changed elsewhere at the same time.',
    http: { method: 'POST', path: '/auth/password' },
    limit: 'write',
    errors: ['invalid_credentials', 'conflict'],
    input: z.strictObject({ currentPassword: password, newPassword }),
    output: none,
    example: {
      input: { currentPassword: 'a long enough secret', newPassword: 'an even longer secret' },
      output: {},
    },
  }),
  'me:delete': operation({
    name: 'me:delete',
    tag: 'Accounts',
    summary: 'Delete the account of the caller, for good',
    description:
      'From the answer on, nobody can log in to the account, every session has ended, and the profile is `{id, deleted: true}`. Within minutes the devices, blocks, status, link and unsent files are removed, and the user leaves every group with an entry `left`; messages stay with the others. The username is never given to anybody else. `conflict`, which may be repeated: the password was changed elsewhere at the same time. Since revision 8.',
    http: { method: 'DELETE', path: '/me' },
    limit: 'write',
    errors: ['invalid_credentials', 'conflict'],
    input: z.strictObject({ password: password.describe('The current password.') }),
    output: none,
    example: { input: { password: 'a long enough secret' }, output: {} },
  }),
} as const;

/** Operations of the auth service, over HTTP only. */
export const authOperations = {
  ...accountOperations,
  ...userOperations,
  ...adminOperations,
} as const;
