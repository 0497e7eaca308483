import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, type Secrets } from '@parley/backend-common';
import { z } from 'zod';

import { readCommandConfig, type Environment } from '../config.ts';

/** What the command needs to know of a deployment. */
export interface Deployment {
  readonly authUrl: string;
  /** The origin of the web app, if it is known. */
  readonly publicOrigin: string | undefined;
  readonly secrets: Secrets;
}

const stackSchema = z.object({
  origin: z.string(),
  parts: z.array(z.object({ kind: z.string(), url: z.string() })),
});

/**
 * The deployment that the variables describe, or the one that `npm start` runs with the data folder.
 * @throws ConfigError whose message says what to set or to start
 */
export async function findDeployment(env: Environment): Promise<Deployment> {
  const { authUrl, dataDir, publicOrigin, secrets } = readCommandConfig(env);
  if (authUrl !== undefined && secrets !== undefined) return { authUrl, publicOrigin, secrets };
  try {
    const stack = await readStack(dataDir);
    return {
      authUrl: stack.authUrl,
      publicOrigin: publicOrigin ?? stack.origin,
      secrets: secrets ?? { secret: (await readFile(join(dataDir, 'secret'), 'utf8')).trim() },
    };
  } catch (cause) {
    throw new ConfigError(
      `Set PARLEY_AUTH_URL and PARLEY_SECRET as the services have them, or start Parley with npm start: nothing runs in ${dataDir}.`,
      { cause },
    );
  }
}

/** Reads where the stack of a data folder runs. @throws if none does, or it runs without auth */
async function readStack(dataDir: string): Promise<{ origin: string; authUrl: string }> {
  const file = await readFile(join(dataDir, 'stack.json'), 'utf8');
  const { origin, parts } = stackSchema.parse(JSON.parse(file));
  const auth = parts.find(({ kind }) => kind === 'auth');
  if (auth === undefined) throw new Error('No part of the stack is the auth service');
  return { origin, authUrl: auth.url };
}
