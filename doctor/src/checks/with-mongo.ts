import type { Mongo } from '@parley/backend-common';

import type { Context } from '../context.ts';
import { skipped, type Finding } from '../finding.ts';

/** MongoDB's error code for a command that the user has no right to. */
const UNAUTHORIZED = 13;

/** Runs a check with a connection to MongoDB. It is skipped if there is none, because the check `mongodb` reports why. */
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
    return skipped(
      'The user in MONGODB_URI has no right to read this. Parley does not need the right.',
    );
  }
}
