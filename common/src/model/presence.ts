import { z } from 'zod';

import { id, time } from './primitives.ts';

/** Whether a user is online. `null` means unknown. */
export const presence = z
  .object({
    userId: id,
    online: z.boolean().nullable().describe('`null` while it is unknown.'),
    lastSeenAt: time.nullable().describe('`null` if the user hides it, or has never been online.'),
  })
  .meta({ id: 'Presence', description: 'Whether a user is online.' });
export type Presence = z.infer<typeof presence>;
