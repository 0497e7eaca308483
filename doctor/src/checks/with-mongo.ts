import type { Mongo } from '@parley/backend-common';

import type { Context } from '../context.ts';
import { skipped, type Finding } from '../finding.ts';

/** Code of MongoDB's error for what a user may not do. */
const UNAUTHORIZED = 13;

/** Looks at MongoDB, unless it cannot be used: the check `mongodb` says why then. */
export async function withMongo(
  context: Context,
  look: (mongo: Mongo) => Promise<Finding>,
): Promise<Finding> {
  let mongo: Mongo;
  try {
    mongo = await context.mongo();
  } catch {
    return skipped('MongoDB cannot be used; see the check mongodb.');
  }
  try {
    return await look(mongo);
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNAUTHORIZED) throw error;
    return skipped('The user in MONGODB_URI may not look at this, and need not.');
  }
}
