import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { codePoints, utf8Bytes } from '../text.ts';
import { id, line, time } from './primitives.ts';

/** 3–32 of `a–z 0–9 . _ -`, lower-cased; ASCII, so that no name looks like another. */
export const username = z
  .string()
  .max(LIMITS.usernameMax)
  .transform((value) => value.toLowerCase())
  .refine(
    (value) => /^[a-z0-9][a-z0-9._-]{1,30}[a-z0-9]$/.test(value),
    'Must be 3–32 of a–z, 0–9, dot, underscore and hyphen, and begin and end with a letter or digit',
  );

/** A password: NFC-normalised, never trimmed, otherwise untouched. */
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
  );

/** A password that somebody chooses now. */
export const newPassword = password.refine(
  (value) => codePoints(value) >= LIMITS.passwordMin,
  `At least ${LIMITS.passwordMin} characters`,
);

export const displayName = line(LIMITS.displayNameMax);
export const deviceName = line(LIMITS.deviceNameMax);

/** What others see of a person. */
export const publicProfile = z.object({
  id,
  username: z.string().nullable(),
  displayName: z.string().nullable(),
  avatarId: z.string().nullable(),
  deleted: z.boolean(),
});
export type PublicProfile = z.infer<typeof publicProfile>;

export const privacy = z.object({ readReceipts: z.boolean(), lastSeen: z.boolean() });
export type Privacy = z.infer<typeof privacy>;

export const notifications = z.object({ previews: z.boolean() });
export type Notifications = z.infer<typeof notifications>;

/** A person as the person sees it. */
export const user = publicProfile.extend({ createdAt: time, privacy, notifications });
export type User = z.infer<typeof user>;

/** A log-in of one device. */
export const session = z.object({
  id,
  deviceName: z.string().nullable(),
  createdAt: time,
  lastSeenAt: time,
  expiresAt: time,
  current: z.boolean(),
});
export type Session = z.infer<typeof session>;
