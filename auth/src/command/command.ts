import { ConfigError, ServiceTokens } from '@parley/backend-common';

import type { Environment } from '../config.ts';
import { readArguments, USAGE } from './arguments.ts';
import { call, CommandError } from './call.ts';
import { findDeployment } from './deployment.ts';

interface CommandInput {
  readonly args: readonly string[];
  readonly env: Environment;
  /** The user of the operating system, for the audit log. */
  readonly operator: string;
}

/** The exit code of the command, and its output: for standard output, or for standard error if the code is not 0. */
export interface Outcome {
  readonly code: 0 | 1 | 2;
  readonly output: string;
}

/** Carries out an operation of administrators for somebody who has the secret of the deployment instead of a session. */
export async function runCommand({ args, env, operator }: CommandInput): Promise<Outcome> {
  const action = readArguments(args);
  if (action === undefined) return { code: 2, output: USAGE };
  try {
    const { service } = action;
    const { publicOrigin, secrets, url } = await findDeployment(env, service);
    const tokens = new ServiceTokens({ ...secrets, now: Date.now });
    const { token } = await tokens.issue({ kind: 'internal', audience: service });
    const answer = await call({ url, token, operator, action });
    const { link } = answer;
    // The auth service returns a relative link if it does not know the origin of the web app.
    const shown =
      typeof link === 'string' && publicOrigin !== undefined
        ? { ...answer, link: new URL(link, publicOrigin).href }
        : answer;
    return { code: 0, output: JSON.stringify(shown, null, 2) };
  } catch (error) {
    const isExpected = error instanceof ConfigError || error instanceof CommandError;
    return { code: 1, output: isExpected ? error.message : String(error) };
  }
}
