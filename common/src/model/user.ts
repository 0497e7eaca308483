import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { codePoints, utf8Bytes } from '../text/characters.ts';
import { linePattern } from './patterns.ts';
import { id, line, name, time } from './primitives.ts';

/** 3–32 of `a–z 0–9 . _ -`, lower-cased; ASCII, so that no name looks like another. */
export const username = z
  .string()
  .max(LIMITS.usernameMax)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{1,30}[A-Za-z0-9]$/,
    'Must be 3–32 of a–z, 0–9, dot, underscore and hyphen, and begin and end with a letter or digit',
  )
  .transform((value) => value.toLowerCase())
  .meta({
    id: 'Username',
    description:
      'Letters a–z, digits, dot, underscore and hyphen, with a letter or digit at both ends. The server turns upper case into lower case. A username is never given to a second account.',
    minLength: LIMITS.usernameMin,
  });

/** A password: NFC-normalised, never trimmed, otherwise unchanged. */
export const password = z
  .string()
  .max(LIMITS.passwordBytes)
  .transform((value) => value.normalize('NFC'))
  .refine(
    (value) => codePoints(value) <= LIMITS.passwordMax,
    `At most ${LIMITS.passwordMax} characters`,
  )
  .refine(
    (value) => utf8Bytes(value) <= LIMITS.passwordBytes,
    `At most ${LIMITS.passwordBytes} bytes`,
  )
  .meta({
    id: 'Password',
    description:
      'A password. The server normalises it to NFC, never trims it and changes nothing else.',
    maxLength: LIMITS.passwordMax,
    format: 'password',
  });

/** A password that is being chosen. */
export const newPassword = password
  .refine(
    (value) => codePoints(value) >= LIMITS.passwordMin,
    `At least ${LIMITS.passwordMin} characters`,
  )
  .meta({
    id: 'NewPassword',
    description: `A password that is being chosen: ${LIMITS.passwordMin} to ${LIMITS.passwordMax} characters, at most ${LIMITS.passwordBytes.toLocaleString('en')} bytes. Common passwords and those close to the username are refused; there are no composition rules.`,
    minLength: LIMITS.passwordMin,
    maxLength: LIMITS.passwordMax,
    format: 'password',
  });

export const displayName = name(LIMITS.displayNameMax)
  // A user without a display name is shown as @username.
  .refine((value) => !/^[@＠﹫]/u.test(value), 'Must not begin with @')
  .meta({
    id: 'DisplayName',
    description:
      'The name that others see: one line, not blank, without `@` at the beginning, without control characters, characters that change direction or are invisible (except in emoji and in scripts that need them), and with at most a few marks on a letter. Names of operators such as `Admin` or `Parley Support`, however they are written, are refused. The server normalises it to NFC and trims it. It is not unique.',
    minLength: 1,
    maxLength: LIMITS.displayNameMax,
    pattern: linePattern({ first: '@＠﹫' }),
  });

export const deviceName = line(LIMITS.deviceNameMax).meta({
  id: 'DeviceName',
  description: "The user's name for the device, shown in the list of the user's sessions.",
  minLength: 1,
  maxLength: LIMITS.deviceNameMax,
  pattern: linePattern(),
});

/** What other users see of a user. */
export const publicProfile = z
  .object({
    id,
    username: z.string().nullable().describe('`null` once the account is deleted.'),
    displayName: z.string().nullable().describe('`null` if the user has not set one.'),
    avatarId: z.string().nullable().describe('Always `null`.'),
    deleted: z
      .boolean()
      .describe('Whether the account is deleted; then everything but the id is `null`.'),
  })
  .meta({ id: 'PublicProfile', description: 'What other users see of a user.' });
export type PublicProfile = z.infer<typeof publicProfile>;

export const privacy = z
  .object({
    readReceipts: z.boolean().describe('Off: other users get `readSeq` 0 of this user.'),
    lastSeen: z.boolean().describe('Off: other users see `online` false and `lastSeenAt` null.'),
  })
  .meta({ id: 'Privacy', description: 'What a user lets other users see.' });
export type Privacy = z.infer<typeof privacy>;

export const notifications = z
  .object({ previews: z.boolean().describe('Whether they may show the text of messages.') })
  .meta({ id: 'Notifications', description: 'What push notifications show.' });
export type Notifications = z.infer<typeof notifications>;

/** A user as the user itself sees it. */
export const user = publicProfile
  .extend({
    username: z.string().nullable().describe("The caller's username."),
    deleted: z.boolean().describe('Always false.'),
    createdAt: time,
    privacy,
    notifications,
  })
  .meta({ id: 'User', description: 'A user as the user itself sees it.' });
export type User = z.infer<typeof user>;

/** One login of a user on a device. */
export const session = z
  .object({
    id,
    deviceName: z.string().nullable(),
    createdAt: time,
    lastSeenAt: time.describe('When it was last used. Written at most every five minutes.'),
    expiresAt: time.describe(
      'When it ends unless it is used: 30 days after its last use, at the latest 180 days after it began.',
    ),
    current: z.boolean().describe('Whether it is the session that asks.'),
  })
  .meta({ id: 'Session', description: 'One login of a user on a device.' });
export type Session = z.infer<typeof session>;
