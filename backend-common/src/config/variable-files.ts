import { readFileSync } from 'node:fs';

/** Environment variables as a process or a launcher gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const SUFFIX = '_FILE';
/** Names with these prefixes are Parley's own, so one that nobody knows is a mistake. */
const PREFIXES = ['PARLEY_', 'S3_', 'MONGODB_', 'REDIS_'];

/** Every variable that some part of Parley reads; each can be given as a file. */
export const VARIABLES: readonly string[] = [
  ...['HOST', 'PORT', 'METRICS_PORT', 'MONGODB_URI', 'REDIS_URL', 'NODE_ENV'],
  ...['PARLEY_SECRET', 'PARLEY_SECRET_PREVIOUS', 'PARLEY_ORIGINS', 'PARLEY_PUBLIC_ORIGIN'],
  ...['PARLEY_TRUSTED_PROXIES', 'PARLEY_RATE_LIMITS', 'PARLEY_LOG_LEVEL', 'PARLEY_LOG_DIR'],
  'PARLEY_SERVER_ID',
  ...[
    'PARLEY_ADMINS',
    'PARLEY_REGISTRATION',
    'PARLEY_FIREBASE_WEB_CONFIG',
    'GOOGLE_APPLICATION_CREDENTIALS',
  ],
  ...['PARLEY_AUTH_URL', 'PARLEY_MESSAGING_URL', 'PARLEY_LONG_POLLING', 'PARLEY_PUSH_AFTER'],
  'PARLEY_PUSH_CONCURRENCY',
  ...['PARLEY_ATTACHMENT_BYTES_PER_DAY', 'PARLEY_WEB_ROOT', 'PARLEY_DOCS_ROOT', 'PARLEY_DATA_DIR'],
  ...['S3_ENDPOINT', 'S3_PUBLIC_ENDPOINT', 'S3_REGION', 'S3_BUCKET'],
  ...['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
];

/** An environment in which files have been replaced by their contents. */
export interface FilledEnvironment {
  readonly env: Environment;
  /** What is wrong, by the variable that it concerns. */
  readonly faults: ReadonlyMap<string, string>;
}

/**
 * Replaces each `<NAME>_FILE` by `<NAME>` with the contents of that file, without one newline at its end. Reads only
 * the files of `names`, and leaves out those of other variables of Parley. Empty variables count as absent.
 */
export function fillFromFiles(env: Environment, names: readonly string[]): FilledEnvironment {
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  const filled: Record<string, string | undefined> = Object.fromEntries(given);
  const faults = new Map<string, string>();
  for (const [variable, path = ''] of given) {
    if (!variable.endsWith(SUFFIX)) continue;
    const name = variable.slice(0, -SUFFIX.length);
    if (names.includes(name)) {
      if (filled[name] !== undefined) faults.set(name, `Set either ${name} or ${variable}`);
      else readInto({ filled, faults }, { name, variable, path });
    } else if (VARIABLES.includes(name)) {
      // Another process reads it.
    } else if (PREFIXES.some((prefix) => name.startsWith(prefix))) {
      faults.set(variable, `There is no variable ${name}`);
    } else continue;
    Reflect.deleteProperty(filled, variable);
  }
  return { env: filled, faults };
}

function readInto(
  { faults, filled }: { faults: Map<string, string>; filled: Record<string, string | undefined> },
  { name, path, variable }: { name: string; path: string; variable: string },
): void {
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (value !== '') filled[name] = value;
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    faults.set(name, `The file that ${variable} names cannot be read (${code})`);
  }
}
