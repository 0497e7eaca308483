import { z } from 'zod';

import { id, time } from './primitives.ts';

/** Whether a person is there. `null` means unknown. */
export const presence = z.object({
  userId: id,
  online: z.boolean().nullable(),
  lastSeenAt: time.nullable(),
});
export type Presence = z.infer<typeof presence>;
