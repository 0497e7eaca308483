import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { codePoints } from '../text.ts';
import { webPush } from '../model/device.ts';
import { id } from '../model/primitives.ts';
import {
  deviceName,
  displayName,
  newPassword,
  notifications,
  password,
  privacy,
  publicProfile,
  session,
  user,
  username,
} from '../model/user.ts';
import { operation } from './operation.ts';

const none = z.strictObject({});
const signedIn = z.object({ sessionToken: z.string(), session, user });

/** Operations of the auth service, over HTTP alone. */
export const authOperations = {
  'auth:register': operation({
    name: 'auth:register',
    summary: 'Make an account and log in',
    http: { method: 'POST', path: '/auth/register', status: 201 },
    public: true,
    input: z.strictObject({
      username,
      password: newPassword,
      displayName: displayName.optional(),
      deviceName: deviceName.optional(),
    }),
    output: signedIn,
  }),
  'auth:login': operation({
    name: 'auth:login',
    summary: 'Log in with username and password',
    http: { method: 'POST', path: '/auth/login' },
    public: true,
    input: z.strictObject({
      // A name of wrong shape is no name of anybody's: it answers like an unknown one.
      username: z
        .string()
        .min(1)
        .max(LIMITS.usernameMax)
        .transform((name) => name.toLowerCase()),
      password: password.refine((value) => value.length > 0, 'Must not be empty'),
      deviceName: deviceName.optional(),
    }),
    output: signedIn,
  }),
  'auth:logout': operation({
    name: 'auth:logout',
    summary: 'End this session; its sockets are closed on every node',
    http: { method: 'POST', path: '/auth/logout' },
    limit: 'write',
    input: none,
    output: none,
  }),
  'session:list': operation({
    name: 'session:list',
    summary: 'Own sessions',
    http: { method: 'GET', path: '/auth/sessions' },
    limit: 'read',
    input: none,
    output: z.object({ sessions: z.array(session) }),
  }),
  'session:revoke': operation({
    name: 'session:revoke',
    summary: 'End one of the own sessions',
    http: { method: 'DELETE', path: '/auth/sessions/:id' },
    limit: 'write',
    input: z.strictObject({ id }),
    output: none,
  }),
  'session:revoke-others': operation({
    name: 'session:revoke-others',
    summary: 'End every own session but this one',
    http: { method: 'DELETE', path: '/auth/sessions' },
    limit: 'write',
    input: none,
    output: none,
  }),
  'auth:password': operation({
    name: 'auth:password',
    summary: 'Change the password; every other session is ended',
    http: { method: 'POST', path: '/auth/password' },
    limit: 'write',
    input: z.strictObject({ currentPassword: password, newPassword }),
    output: none,
  }),
  'me:get': operation({
    name: 'me:get',
    summary: 'The own profile',
    http: { method: 'GET', path: '/me' },
    limit: 'read',
    input: none,
    output: user,
  }),
  'me:update': operation({
    name: 'me:update',
    summary: 'Change the own profile',
    http: { method: 'PATCH', path: '/me' },
    limit: 'write',
    input: z.strictObject({
      displayName: displayName.nullable().optional(),
      privacy: privacy.partial().strict().optional(),
      notifications: notifications.partial().strict().optional(),
    }),
    output: user,
  }),
  'user:get': operation({
    name: 'user:get',
    summary: "Somebody's public profile",
    http: { method: 'GET', path: '/users/:id' },
    limit: 'read',
    input: z.strictObject({ id }),
    output: publicProfile,
  }),
  'user:search': operation({
    name: 'user:search',
    summary: 'People by exact username or by the beginning of it or of their name',
    http: { method: 'GET', path: '/users' },
    limit: 'search',
    input: z
      .strictObject({
        username: z.string().min(1).max(LIMITS.usernameMax).optional(),
        prefix: z
          .string()
          .max(LIMITS.displayNameMax)
          .refine((value) => codePoints(value) >= LIMITS.searchPrefixMin, 'At least 2 characters')
          .optional(),
      })
      .refine((input) => (input.username === undefined) !== (input.prefix === undefined), {
        message: 'Give username or prefix, and not both',
        path: ['prefix'],
      }),
    output: z.object({ users: z.array(publicProfile) }),
  }),
  'meta:get': operation({
    name: 'meta:get',
    summary: 'What this server is and allows',
    http: { method: 'GET', path: '/meta' },
    public: true,
    input: none,
    output: z.object({
      contract: z.object({ version: z.int(), revision: z.int() }),
      registration: z.enum(['open', 'closed']),
      passwordMinLength: z.int(),
      textMaxLength: z.int(),
      attachmentMaxBytes: z.int(),
      /** Absent where the web app gets no pushes. */
      push: webPush.optional(),
    }),
  }),
} as const;
