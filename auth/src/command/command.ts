import { ConfigError, ServiceTokens } from '@parley/backend-common';

import type { Environment } from '../config.ts';
import { readArguments, USAGE } from './arguments.ts';
import { call, CommandError } from './call.ts';
import { findDeployment } from './deployment.ts';

interface Typed {
  readonly args: readonly string[];
  readonly env: Environment;
  /** The user of the machine, for the audit log. */
  readonly operator: string;
}

/** What the command ends with: its exit code, and the text for standard output or, if it failed, for the error output. */
export interface Outcome {
  readonly code: 0 | 1 | 2;
  readonly said: string;
}

/** Does to an account what an administrator can do, on the machine of the deployment. */
export async function runCommand({ args, env, operator }: Typed): Promise<Outcome> {
  const act = readArguments(args);
  if (act === undefined) return { code: 2, said: USAGE };
  try {
    const { authUrl, publicOrigin, secrets } = await findDeployment(env);
    const tokens = new ServiceTokens({ ...secrets, now: Date.now });
    const { token } = await tokens.issue({ kind: 'internal', audience: 'auth' });
    const answer = await call({ authUrl, token, operator, act });
    const { link } = answer;
    // The server may not know its own origin.
    const shown =
      typeof link === 'string' && publicOrigin !== undefined
        ? { ...answer, link: new URL(link, publicOrigin).href }
        : answer;
    return { code: 0, said: JSON.stringify(shown, null, 2) };
  } catch (error) {
    const isExpected = error instanceof ConfigError || error instanceof CommandError;
    return { code: 1, said: isExpected ? error.message : String(error) };
  }
}
