import { access } from 'node:fs/promises';
import { type Environment } from '../config.ts';
import { folderMongoKey } from '../data-folder.ts';
import { folderKeys } from '../object-store/folder-keys.ts';
import { ensureReplicaSet } from '../reachable.ts';
import { bringUpMongod } from '../engines/mongod.ts';
import { replicaSetUrl } from '../engines/replica-set.ts';
import { LaunchError } from '../launch-error.ts';
import { memberFolder, mongodPlan, valkeyPlan } from './engine-parts.ts';
import { BUCKET, objectStorePlan } from './object-store-part.ts';
import { type StackContext } from './stack-context.ts';
import { storePlace, withHost } from './store-place.ts';

/** The URI of the replica set that the configuration names, else of one that is started. */
export async function provideMongo(context: StackContext): Promise<string> {
  const { mongodbUri } = context.config;
  if (mongodbUri !== undefined) {
    await ensureReplicaSet(mongodbUri);
    return mongodbUri;
  }
  const size = context.config.mongo;
  await refuseFewerMembers(context, size);
  const key = await folderMongoKey(context.folder);
  const plans = Array.from({ length: size }, (_, index) =>
    mongodPlan(context, { number: index + 1, of: size, key }),
  );
  const parts = await context.stackParts.start(plans);
  const members = parts.map(({ pid, url }) => ({ pid, port: Number(new URL(url).port) }));
  if (size > 1) await bringUpMongod({ dbPath: context.folder.mongo, key }, members);
  return replicaSetUrl(
    members.map(({ port }) => port),
    key,
  );
}

/** Without the others, a member has no majority, and may lack what the others have acknowledged. Throws `LaunchError`. */
async function refuseFewerMembers({ folder }: StackContext, size: number): Promise<void> {
  for (const larger of [5, 3]) {
    if (size >= larger || !(await exists(memberFolder(folder, larger)))) continue;
    throw new LaunchError(
      `${folder.path} holds a MongoDB replica set of ${larger} members, which fewer cannot continue: start it with --mongo ${larger}.`,
    );
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The URL of Redis, which is started if several nodes need it; undefined if none is used. */
export async function provideRedis(context: StackContext): Promise<string | undefined> {
  const { nodes, redisUrl } = context.config;
  if (redisUrl !== undefined || nodes === undefined) return redisUrl;
  const [redis] = await context.stackParts.start([valkeyPlan(context)]);
  return redis?.url;
}

/** The variables that name an embedded object store to the services; none if the configuration names a store. */
export async function provideObjectStore(context: StackContext): Promise<Environment> {
  const { config, folder, stackParts, watchdog } = context;
  if (config.s3Endpoint !== undefined) return {};
  const keys = await folderKeys(folder);
  const [store] = await stackParts.start([objectStorePlan({ config, folder, keys, watchdog })]);
  if (store === undefined) return {};
  const { innerHost, publicHost } = storePlace(config);
  return {
    S3_ENDPOINT: withHost(store.url, innerHost),
    S3_PUBLIC_ENDPOINT: config.env['S3_PUBLIC_ENDPOINT'] ?? withHost(store.url, publicHost),
    S3_REGION: undefined,
    S3_BUCKET: BUCKET,
    S3_ACCESS_KEY_ID: keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}
