import { z } from 'zod';

import { id, time } from './primitives.ts';

/** A user whom another user blocks. */
export const block = z
  .object({ userId: id.describe('The blocked user.'), blockedAt: time })
  .meta({ id: 'Block', description: 'A user whom the caller blocks.' });
export type Block = z.infer<typeof block>;
