import type { Check } from '../finding.ts';
import { bucketLifecycle } from './bucket-lifecycle.ts';
import { bucket } from './bucket.ts';
import { configuration } from './configuration.ts';
import { firebase } from './firebase.ts';
import { logFolder } from './log-folder.ts';
import { mongodbClock } from './mongodb-clock.ts';
import { mongodbDisk } from './mongodb-disk.ts';
import { mongodbIndexes } from './mongodb-indexes.ts';
import { mongodbWriteConcern } from './mongodb-write-concern.ts';
import { mongodb } from './mongodb.ts';
import { nodeVersion } from './node-version.ts';
import { origins } from './origins.ts';
import { ports } from './ports.ts';
import { proxies } from './proxies.ts';
import { publicOrigin } from './public-origin.ts';
import { redisEvents } from './redis-events.ts';
import { redisMemory } from './redis-memory.ts';
import { redis } from './redis.ts';
import { services } from './services.ts';
import { webFolders } from './web-folders.ts';

/** All checks, in the order in which they are shown. */
export const CHECKS: readonly Check[] = [
  ...[nodeVersion, configuration],
  ...[mongodb, mongodbWriteConcern, mongodbIndexes, mongodbClock, mongodbDisk],
  ...[redis, redisMemory, redisEvents],
  ...[bucket, bucketLifecycle, firebase],
  ...[origins, proxies, publicOrigin, services, ports],
  ...[logFolder, webFolders],
];
