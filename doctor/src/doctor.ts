import { readVariableFiles, type Environment } from '@parley/backend-common';

import { CHECKS } from './checks/index.ts';
import { readDeployment, type ServiceName } from './config.ts';
import { createContext, SURROUNDINGS, type Surroundings } from './context.ts';
import { runChecks, type NamedFinding } from './run-checks.ts';
import { hideSecretsOf } from './secrets.ts';

/** What {@link examine} looks at. */
export interface ExamineOptions {
  readonly env: Environment;
  /** The services whose configuration is checked; none: those that the variables are for. */
  readonly services?: readonly ServiceName[];
  /** Replaced by tests. */
  readonly surroundings?: Partial<Surroundings>;
  /** Milliseconds for each check; default 15 s. */
  readonly patience?: number;
}

/** Checks the deployment that environment variables describe. It changes nothing, and no finding has a secret in it. */
export async function examine(options: ExamineOptions): Promise<NamedFinding[]> {
  const { env, patience, services = [] } = options;
  const deployment = readDeployment(env, services);
  const surroundings = { ...SURROUNDINGS, ...options.surroundings };
  const { close, context } = createContext(deployment, surroundings);
  try {
    const hide = hideSecretsOf(withFiles(env));
    return await runChecks(CHECKS, context, {
      hide,
      ...(patience === undefined ? {} : { patience }),
    });
  } finally {
    await close();
  }
}

function withFiles(env: Environment): Environment {
  try {
    return readVariableFiles(env);
  } catch {
    // A file that cannot be read has no secret that could be shown, and the check of the configuration names it.
    return env;
  }
}
