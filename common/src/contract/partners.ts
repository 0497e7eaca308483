import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { partner, status, statusName } from '../model/partner.ts';
import { time } from '../model/primitives.ts';
import { operation } from './operation.ts';

const none = z.strictObject({});

/** Operations on the own status, and on the one person somebody is linked with. */
export const partnerOperations = {
  'status:get': operation({
    name: 'status:get',
    summary: 'The own status',
    http: { method: 'GET', path: '/status' },
    limit: 'read',
    input: none,
    output: status,
  }),
  'status:set': operation({
    name: 'status:set',
    summary: 'Say how one is to be taken, and until when',
    http: { method: 'PATCH', path: '/status' },
    limit: 'write',
    input: z
      .strictObject({ status: statusName, statusExpiration: time.nullable().default(null) })
      .refine((input) => input.status !== 'AVAILABLE' || input.statusExpiration === null, {
        message: 'AVAILABLE does not end by itself',
        path: ['statusExpiration'],
      }),
    output: status,
  }),
  'link:create': operation({
    name: 'link:create',
    summary: 'A code that somebody else confirms to become the partner',
    http: { method: 'POST', path: '/linking' },
    limit: 'write',
    input: none,
    output: z.object({ linkCode: z.string(), expiresAt: time }),
  }),
  'link:confirm': operation({
    name: 'link:confirm',
    summary: 'Become the partner of whoever gave the code',
    http: { method: 'POST', path: '/linking/confirm' },
    limit: 'write',
    input: z.strictObject({ linkCode: z.string().min(1).max(LIMITS.linkCodeMax) }),
    output: partner,
  }),
  'partner:get': operation({
    name: 'partner:get',
    summary: 'The partner as things stand',
    http: { method: 'GET', path: '/partner' },
    limit: 'read',
    input: none,
    output: partner,
  }),
  'partner:unlink': operation({
    name: 'partner:unlink',
    summary: 'End the link, for both',
    http: { method: 'DELETE', path: '/partner' },
    limit: 'write',
    input: none,
    output: none,
  }),
} as const;
