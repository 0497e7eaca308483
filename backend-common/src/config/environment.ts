import { AppError } from '@parley/common';
import { z } from 'zod';

import { isAddressRange } from '../http/client-address.ts';
import { type Environment, fillFromFiles, VARIABLES } from './variable-files.ts';

/** A fault in the configuration: its message names every variable that is wrong, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads a configuration and reports every fault at once. Empty variables count as absent. Each variable can be given as
 * a file: `<NAME>_FILE` is the path of a file with the value of `<NAME>`.
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  given: Environment,
): z.output<Schema> {
  const { env, faults } = fillFromFiles(given, Object.keys(schema.shape));
  const result = schema.safeParse(env);
  if (result.success && faults.size === 0) return result.data;
  const issues = (result.error?.issues ?? [])
    .map(({ message, path }) => [path.join('.'), message] as const)
    .filter(([name]) => !faults.has(name));
  throw notUsable([...faults, ...issues]);
}

/**
 * Reads those variables of a configuration that are usable by themselves, whatever is wrong with others. The others are
 * absent from the answer.
 */
export function readUsable<Schema extends z.ZodObject>(
  schema: Schema,
  given: Environment,
): Partial<z.output<Schema>> {
  const { env } = fillFromFiles(given, Object.keys(schema.shape));
  const values = Object.entries(schema.shape).flatMap(([name, field]) => {
    const result = z.safeParse(field, env[name]);
    return result.success ? [[name, result.data] as const] : [];
  });
  return Object.fromEntries(values) as Partial<z.output<Schema>>;
}

/**
 * Replaces each `<NAME>_FILE` of a variable of Parley by `<NAME>` with the contents of the file, for a launcher that
 * passes variables on. @throws ConfigError that names every fault
 */
export function readVariableFiles(given: Environment): Environment {
  const { env, faults } = fillFromFiles(given, VARIABLES);
  if (faults.size > 0) throw notUsable([...faults]);
  return env;
}

function notUsable(faults: readonly (readonly [name: string, message: string])[]): ConfigError {
  const lines = faults.map(([name, message]) => `  ${name}: ${message}`);
  return new ConfigError(`The configuration is not usable:\n${lines.join('\n')}`);
}

/** A TCP port; 0 asks for any free one. */
export const port = z.coerce.number().int().min(0).max(65_535);

/** A list separated by commas. */
export const list = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .transform((parts) => parts.filter((part) => part !== ''));

/** `on` or `off`. */
export const onOff = z.enum(['on', 'off']).transform((value) => value === 'on');

/** A web origin: scheme, host and port, nothing behind it. */
export const origin = z
  .string()
  .refine((value) => URL.canParse(value) && new URL(value).origin === value, {
    message: 'Must be an origin such as https://chat.example.org',
  });

/** An IP address, or a range such as `10.0.0.0/8`. */
const addressRange = z.string().refine(isAddressRange, {
  message: 'Must be an IP address or a range such as 10.0.0.0/8',
});

const secret = z
  .string()
  .refine((value) => Buffer.byteLength(value) >= 32, 'Must have at least 32 bytes');

/** The secrets that services share. */
export interface Secrets {
  readonly secret: string;
  /** Accepted too while the secret is being replaced; absent: it is not. */
  readonly previous?: string;
}

/** The secrets of an environment. */
export function secretsOf(env: {
  PARLEY_SECRET: string;
  PARLEY_SECRET_PREVIOUS?: string | undefined;
}): Secrets {
  const { PARLEY_SECRET: secret, PARLEY_SECRET_PREVIOUS: previous } = env;
  return { secret, ...(previous === undefined ? {} : { previous }) };
}

/** What every service reads. */
export const serviceEnvironment = {
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(0),
  METRICS_PORT: port.default(0),
  MONGODB_URI: z.string().startsWith('mongodb'),
  REDIS_URL: z.string().startsWith('redis').optional(),
  PARLEY_SECRET: secret,
  PARLEY_SECRET_PREVIOUS: secret.optional(),
  PARLEY_ORIGINS: list.pipe(z.array(origin)).default([]),
  PARLEY_TRUSTED_PROXIES: list.pipe(z.array(addressRange)).default([]),
  PARLEY_RATE_LIMITS: onOff.default(true),
  PARLEY_ADMINS: list.default([]),
  PARLEY_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info'),
  PARLEY_LOG_DIR: z.string().optional(),
  PARLEY_SERVER_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'May have letters, digits, dots, hyphens and underscores, 64 in all')
    .optional(),
  NODE_ENV: z.string().optional(),
};

/** Refuses what must not be switched off in production. */
export function refuseUnlimitedProduction(env: {
  PARLEY_RATE_LIMITS: boolean;
  NODE_ENV?: string | undefined;
}): void {
  if (!env.PARLEY_RATE_LIMITS && env.NODE_ENV === 'production') {
    throw new ConfigError('PARLEY_RATE_LIMITS=off is refused while NODE_ENV is production');
  }
}

/** The error of a request that needs a dependency which is not available. */
export function missingPart(message: string, cause: unknown): AppError {
  return new AppError('unavailable', message, { cause });
}
