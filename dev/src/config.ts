import { resolve } from 'node:path';
import { ConfigError, readVariableFiles, type Environment } from '@parley/backend-common';
import { z } from 'zod';
import { readArguments } from './arguments.ts';
import { LaunchError, oneLine, UsageError } from './launch-error.ts';

export type { Environment } from '@parley/backend-common';

/** What `npm start` reads. */
export interface LaunchConfig {
  /** Port of the one public origin; 0 takes any free one. */
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** Number of messaging nodes, each part in its own process; undefined runs all services in one process. */
  readonly nodes: number | undefined;
  /** Members of the replica set to start: 1, 3 or 5. */
  readonly mongo: number;
  readonly mongodbUri: string | undefined;
  readonly redisUrl: string | undefined;
  /** The object store that the services read from their own variables; undefined starts one. */
  readonly s3Endpoint: string | undefined;
  readonly secret: string | undefined;
  /** A built web app to serve instead of building ours. */
  readonly webRoot: string | undefined;
  /** Folder of the built API reference; absent: it is built. */
  readonly docsRoot: string | undefined;
  /** The environment that the launcher itself got. */
  readonly env: Environment;
}

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  PARLEY_DATA_DIR: z.string().default('.parley'),
  MONGODB_URI: z.string().optional(),
  REDIS_URL: z.string().optional(),
  S3_ENDPOINT: z.string().optional(),
  PARLEY_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= 32)
    .optional(),
  PARLEY_WEB_ROOT: z.string().optional(),
  PARLEY_DOCS_ROOT: z.string().optional(),
});

/** The messages for variables with an invalid value. */
const MESSAGES: Readonly<Record<string, string>> = {
  PORT: 'PORT has to be a number from 0 to 65535.',
  PARLEY_SECRET: 'PARLEY_SECRET has to hold at least 32 bytes.',
};

/** The values of the variables that are given as files, so that no process has to read the files again. */
function withoutFiles(given: Environment): Environment {
  try {
    return readVariableFiles(given);
  } catch (error) {
    throw error instanceof ConfigError ? new LaunchError(oneLine(error.message)) : error;
  }
}

/** Reads the arguments and the environment; an empty variable counts as absent. Throws `LaunchError`. */
export function readLaunchConfig(given: Environment, args: readonly string[] = []): LaunchConfig {
  const { mongo, nodes } = readArguments(args);
  const env = withoutFiles(given);
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => String(path[0]));
    throw new LaunchError(
      names.map((name) => MESSAGES[name] ?? `${name} is not usable.`).join(' '),
    );
  }
  const read = parsed.data;
  if (mongo !== undefined && read.MONGODB_URI !== undefined) {
    throw new UsageError(
      'MONGODB_URI names a replica set, so --mongo would start none. Drop one of the two.',
    );
  }
  return {
    port: read.PORT,
    host: read.HOST,
    dataDir: resolve(read.PARLEY_DATA_DIR),
    nodes,
    mongo: mongo ?? 1,
    mongodbUri: read.MONGODB_URI,
    redisUrl: read.REDIS_URL,
    s3Endpoint: read.S3_ENDPOINT,
    secret: read.PARLEY_SECRET,
    webRoot: read.PARLEY_WEB_ROOT,
    docsRoot: read.PARLEY_DOCS_ROOT,
    env,
  };
}

/** The environment of this process, read here and nowhere else. */
export function processEnvironment(): Environment {
  // The AWS SDK warns about versions of Node, which the user of Parley does not choose.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return process.env;
}
