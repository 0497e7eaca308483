import { MINUTE, SECOND } from '@parley/common';

import { failure, ok, warning, type Check } from '../finding.ts';
import { withMongo } from './with-mongo.ts';

/** Largest difference (milliseconds) at which Firebase accepts tokens and object stores accept signatures. */
const MOST = 5 * MINUTE;
const NOTICEABLE = 2 * SECOND;

export const mongodbClock: Check = {
  name: 'mongodb-clock',
  run: (context) =>
    withMongo(context, async ({ db }) => {
      const before = context.now();
      const { localTime } = await db.command({ hello: 1 });
      const after = context.now();
      const ahead = (localTime as Date).getTime() - (before + after) / 2;
      const size = Math.abs(ahead);
      if (size <= NOTICEABLE + (after - before) / 2) {
        return ok("The clocks of MongoDB's primary and of this machine agree.");
      }
      const seconds = Math.round(size / SECOND);
      const message = `The clock of MongoDB's primary is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} that of this machine.`;
      const mend =
        'Run NTP on all members of the replica set and on this machine. Messages get the time of the primary; Firebase and the object store refuse times that are minutes off.';
      return size > MOST ? failure(message, mend) : warning(message, mend);
    }),
};
