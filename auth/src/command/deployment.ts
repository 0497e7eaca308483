import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, type Audience, type Secrets } from '@parley/backend-common';
import { z } from 'zod';

import { readCommandConfig, type Environment } from '../config.ts';

/** What the command needs to know of a deployment. */
export interface Deployment {
  /** Where the service is that is asked. */
  readonly url: string;
  /** The origin of the web app, if it is known. */
  readonly publicOrigin: string | undefined;
  readonly secrets: Secrets;
}

/** The variable that says where each service is. */
export const URL_VARIABLES = {
  auth: 'PARLEY_AUTH_URL',
  messaging: 'PARLEY_MESSAGING_URL',
} as const satisfies Record<Audience, string>;

const stackSchema = z.object({
  origin: z.string(),
  parts: z.array(z.object({ kind: z.string(), url: z.string() })),
});

/**
 * The deployment that the variables describe, or the one that `npm start` runs with the data folder.
 * @throws ConfigError whose message says what to set or to start
 */
export async function findDeployment(env: Environment, service: Audience): Promise<Deployment> {
  const { dataDir, publicOrigin, secrets, urls } = readCommandConfig(env);
  const url = urls[service];
  if (url !== undefined && secrets !== undefined) return { url, publicOrigin, secrets };
  try {
    const stack = await readStack(dataDir, service);
    return {
      url: stack.url,
      publicOrigin: publicOrigin ?? stack.origin,
      secrets: secrets ?? { secret: (await readFile(join(dataDir, 'secret'), 'utf8')).trim() },
    };
  } catch (cause) {
    throw new ConfigError(
      `Set ${URL_VARIABLES[service]} and PARLEY_SECRET as the services have them, or start Parley with npm start: nothing runs in ${dataDir}.`,
      { cause },
    );
  }
}

/** Reads where a service of the stack of a data folder is. @throws if none runs, or it runs without the service */
async function readStack(
  dataDir: string,
  service: Audience,
): Promise<{ origin: string; url: string }> {
  const file = await readFile(join(dataDir, 'stack.json'), 'utf8');
  const { origin, parts } = stackSchema.parse(JSON.parse(file));
  const found = parts.find(({ kind }) => kind === service);
  if (found === undefined) throw new Error(`No part of the stack is ${service}`);
  return { origin, url: found.url };
}
