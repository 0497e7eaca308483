import { ok, warning, type Check } from '../finding.ts';
import { withMongo } from './with-mongo.ts';

/** Options that should not be in the URI: Parley overrides them, but other tools with the same URI would apply them. */
const NOT_IN_URI = /[?&](w|journal|readConcernLevel|readPreference)=/i;

export const mongodbWriteConcern: Check = {
  name: 'mongodb-write-concern',
  run: (context) =>
    withMongo(context, async ({ client }) => {
      const named = NOT_IN_URI.exec(context.deployment.settings.MONGODB_URI ?? '')?.[1];
      if (named !== undefined) {
        return warning(
          `MONGODB_URI has the option ${named}.`,
          `Remove ${named} from MONGODB_URI: Parley writes and reads by majority.`,
        );
      }
      const defaults = await client.db('admin').command({ getDefaultRWConcern: 1 });
      const concern = (defaults['defaultWriteConcern'] as { w?: unknown } | undefined)?.w;
      // If no default is set, MongoDB uses majority, except in a replica set with an arbiter.
      if (concern === undefined || concern === 'majority') {
        return ok('Writes are acknowledged by a majority by default.');
      }
      return warning(
        `The default write concern of the replica set is ${JSON.stringify(concern)}, not majority.`,
        "Run in mongosh: db.adminCommand({setDefaultRWConcern: 1, defaultWriteConcern: {w: 'majority'}}). If the set has an arbiter, replace it by a member with data.",
      );
    }),
};
