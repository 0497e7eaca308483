import { ok, skipped, type Check } from '../finding.ts';
import { judgeSpace } from './disk-space.ts';
import { withMongo } from './with-mongo.ts';

export const mongodbDisk: Check = {
  name: 'mongodb-disk',
  run: (context) =>
    withMongo(context, async ({ db }) => {
      const { fsTotalSize, fsUsedSize } = await db.command({ dbStats: 1 });
      if (typeof fsTotalSize !== 'number' || typeof fsUsedSize !== 'number') {
        return skipped('This server does not report how full its disk is.');
      }
      // MongoDB reports 0 while the database does not exist.
      if (fsTotalSize === 0) return skipped('The database is new.');
      const free = fsTotalSize - fsUsedSize;
      return (
        judgeSpace({ free, total: fsTotalSize, what: "The disk of MongoDB's primary" }) ??
        ok("The disk of MongoDB's primary has room.")
      );
    }),
};
