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

const stack = z.object({
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
  const hint = `Set PARLEY_AUTH_URL and PARLEY_SECRET as the services have them, or start Parley with npm start: nothing runs in ${dataDir}.`;
  try {
    const { origin, parts } = stack.parse(
      JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8')),
    );
    const auth = parts.find(({ kind }) => kind === 'auth');
    if (auth === undefined) throw new ConfigError(hint);
    const secret = secrets ?? {
      secret: (await readFile(join(dataDir, 'secret'), 'utf8')).trim(),
    };
    return { authUrl: auth.url, publicOrigin: publicOrigin ?? origin, secrets: secret };
  } catch (cause) {
    throw new ConfigError(hint, { cause });
  }
}
