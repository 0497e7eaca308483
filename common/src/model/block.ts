import { z } from 'zod';

import { id, time } from './primitives.ts';

/** Somebody with whom a person wants nothing to do. */
export const block = z.object({ userId: id, blockedAt: time });
export type Block = z.infer<typeof block>;
