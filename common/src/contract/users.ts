import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { webPush } from '../model/device.ts';
import { id } from '../model/primitives.ts';
import { displayName, notifications, privacy, publicProfile, user } from '../model/user.ts';
import { codePoints } from '../text/characters.ts';
import { ann, BEN, ben, self } from './examples.ts';
import { operation } from './operation.ts';
import { CONTRACT } from './version.ts';

const none = z.strictObject({});

/** Operations on profiles, and what a server says about itself. */
export const userOperations = {
  'me:get': operation({
    name: 'me:get',
    tag: 'Users',
    summary: 'Get the profile of the caller',
    description: 'With the settings that only the caller sees.',
    http: { method: 'GET', path: '/me' },
    limit: 'read',
    errors: [],
    input: none,
    output: user,
    example: { input: {}, output: self },
  }),
  'me:update': operation({
    name: 'me:update',
    tag: 'Users',
    summary: 'Change the profile of the caller',
    description: 'A field that is absent keeps its value.',
    http: { method: 'PATCH', path: '/me' },
    limit: 'write',
    errors: [],
    input: z.strictObject({
      displayName: displayName.nullable().optional().describe('`null` removes it.'),
      privacy: privacy.partial().strict().optional(),
      notifications: notifications.partial().strict().optional(),
    }),
    output: user,
    example: {
      input: { displayName: 'Ann Archer', privacy: { lastSeen: false } },
      output: { ...self, privacy: { readReceipts: true, lastSeen: false } },
    },
  }),
  'user:get': operation({
    name: 'user:get',
    tag: 'Users',
    summary: 'Get the public profile of a user',
    description: 'The profile of a deleted account has `deleted: true` and no names.',
    http: { method: 'GET', path: '/users/:id' },
    limit: 'read',
    errors: ['not_found'],
    input: z.strictObject({ id: id.describe('The user.') }),
    output: publicProfile,
    example: { input: { id: BEN }, output: ben },
  }),
  'user:search': operation({
    name: 'user:search',
    tag: 'Users',
    summary:
      'Find users by exact username, or by the beginning of a username or of a word of a name',
    description: `Give \`username\` or \`prefix\`, not both. At most ${LIMITS.searchHits} users; an empty list if nobody matches.`,
    http: { method: 'GET', path: '/users' },
    limit: 'search',
    errors: [],
    input: z
      .strictObject({
        username: z
          .string()
          .min(1)
          .max(LIMITS.usernameMax)
          .optional()
          .describe('The exact username, in upper or lower case. Not together with `prefix`.'),
        prefix: z
          .string()
          .max(LIMITS.displayNameMax)
          .refine((value) => codePoints(value) >= LIMITS.searchPrefixMin, 'At least 2 characters')
          .optional()
          .describe(
            `The beginning of a username, or of a display name from any of its words on, at least ${LIMITS.searchPrefixMin} characters; users whose username matches come first. Case, accents and width do not matter, and \`strasse\` finds \`Straße\`. A leading \`@\` is ignored. Not together with \`username\`.`,
          )
          .meta({ minLength: LIMITS.searchPrefixMin }),
      })
      .refine((input) => (input.username === undefined) !== (input.prefix === undefined), {
        message: 'Give username or prefix, and not both',
        path: ['prefix'],
      })
      .meta({
        anyOf: [{ required: ['username'] }, { required: ['prefix'] }],
        not: { required: ['username', 'prefix'] },
      }),
    output: z.object({ users: z.array(publicProfile) }),
    example: { input: { prefix: 'an' }, output: { users: [ann] } },
  }),
  'meta:get': operation({
    name: 'meta:get',
    tag: 'Server',
    summary: 'Get what this server is and allows',
    description:
      'A client calls it before a login to find out what the server allows and which revision of the contract it has.',
    http: { method: 'GET', path: '/meta' },
    public: true,
    errors: [],
    input: none,
    output: z.object({
      contract: z.object({ version: z.int(), revision: z.int() }),
      registration: z.enum(['open', 'closed']),
      passwordMinLength: z.int(),
      textMaxLength: z.int(),
      attachmentMaxBytes: z.int(),
      push: webPush.optional().describe('Absent if the web app gets no pushes.'),
    }),
    example: {
      input: {},
      output: {
        contract: CONTRACT,
        registration: 'open',
        passwordMinLength: LIMITS.passwordMin,
        textMaxLength: LIMITS.textMax,
        attachmentMaxBytes: LIMITS.attachmentBytes,
      },
    },
  }),
} as const;
