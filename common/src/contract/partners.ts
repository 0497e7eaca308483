import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { partner, status, statusName } from '../model/partner.ts';
import { time } from '../model/primitives.ts';
import { DAY, MINUTE, SECOND } from '../time.ts';
import { AT, partner as examplePartner, status as exampleStatus } from './examples.ts';
import { operation } from './operation.ts';

const none = z.strictObject({});

/** Operations on the status of the caller, and on the one user whom the caller is linked with. */
export const partnerOperations = {
  'status:get': operation({
    name: 'status:get',
    tag: 'Status',
    summary: 'Get the status of the caller',
    description:
      'The status is what the user says about itself; presence is measured. Neither changes the other.',
    http: { method: 'GET', path: '/status' },
    limit: 'read',
    errors: [],
    input: none,
    output: status,
    example: { input: {}, output: exampleStatus },
  }),
  'status:set': operation({
    name: 'status:set',
    tag: 'Status',
    summary: 'Set the status of the caller, and when it ends',
    description:
      "The partner's devices get the event `partner`, all devices of the caller the event `status`. When the status ends, the server sets it to `AVAILABLE` and sends the same events.",
    http: { method: 'PATCH', path: '/status' },
    limit: 'write',
    errors: [],
    input: z
      .strictObject({
        status: statusName,
        statusExpiration: time
          .nullable()
          .default(null)
          .describe(
            `When it ends by itself: ${LIMITS.statusEndsMin / SECOND} s to ${LIMITS.statusEndsMax / DAY} days ahead. Absent or \`null\`: it stays until it is changed, as \`AVAILABLE\` always does.`,
          ),
      })
      .refine((input) => input.status !== 'AVAILABLE' || input.statusExpiration === null, {
        message: 'AVAILABLE does not end by itself',
        path: ['statusExpiration'],
      })
      .meta({
        if: { properties: { status: { const: 'AVAILABLE' } }, required: ['status'] },
        then: { properties: { statusExpiration: { type: 'null' } } },
      }),
    output: status,
    example: {
      input: { status: 'BUSY', statusExpiration: null },
      output: { ...exampleStatus, statusExpiration: null },
    },
  }),
  'link:create': operation({
    name: 'link:create',
    tag: 'Partner',
    summary: 'Create a code that another user confirms to become the partner',
    description: `A code of eight letters and digits, shown as XXXX-XXXX. It works once and for ${LIMITS.linkCode / MINUTE} minutes; a new code ends the one before.`,
    http: { method: 'POST', path: '/linking' },
    limit: 'write',
    errors: ['already_linked'],
    input: none,
    output: z.object({ linkCode: z.string(), expiresAt: time }),
    example: { input: {}, output: { linkCode: '7K3M-Q9TX', expiresAt: AT + LIMITS.linkCode } },
  }),
  'link:confirm': operation({
    name: 'link:confirm',
    tag: 'Partner',
    summary: 'Become the partner of the user who created the code',
    description:
      'Links the two users in one step; if several users confirm at once, one becomes the partner. `link_code_invalid` for every code that cannot be used: wrong, malformed, used, expired, created by the caller, or created by a user who cannot be linked.',
    http: { method: 'POST', path: '/linking/confirm' },
    limit: 'write',
    errors: ['link_code_invalid', 'already_linked', 'rate_limited'],
    limits: `Wrong codes: ${LIMITS.linkGuessesPerUser} an hour per user and ${LIMITS.linkGuessesPerAddress} per address, over all nodes. Beyond that \`rate_limited\`, also for correct codes.`,
    input: z.strictObject({
      linkCode: z
        .string()
        .min(1)
        .max(LIMITS.linkCodeMax)
        .describe('Case, hyphens and spaces do not matter.'),
    }),
    output: partner,
    example: { input: { linkCode: '7k3m-q9tx' }, output: examplePartner },
  }),
  'partner:get': operation({
    name: 'partner:get',
    tag: 'Partner',
    summary: 'Get the partner with its current status',
    description:
      'A client calls it after every `ready`, because events that it missed are not sent again.',
    http: { method: 'GET', path: '/partner' },
    limit: 'read',
    errors: ['not_found'],
    input: none,
    output: partner,
    example: { input: {}, output: examplePartner },
  }),
  'partner:unlink': operation({
    name: 'partner:unlink',
    tag: 'Partner',
    summary: 'End the link for both users',
    description: 'Either user may end it; the devices of both get the event `partner`.',
    http: { method: 'DELETE', path: '/partner' },
    limit: 'write',
    errors: ['not_found'],
    input: none,
    output: none,
    example: { input: {}, output: {} },
  }),
} as const;
