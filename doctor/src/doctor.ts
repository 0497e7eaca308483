import { readVariableFiles, type Environment } from '@parley/backend-common';

import { CHECKS } from './checks/index.ts';
import { readDeployment, type ServiceName } from './config.ts';
import { createContext, SYSTEM, type System } from './context.ts';
import { runChecks, type NamedFinding } from './run-checks.ts';
import { hideSecretsOf } from './secrets.ts';

/** What to check, and how. */
export interface ExamineOptions {
  readonly env: Environment;
  /** The services whose configuration is checked; none: those that the variables are for. */
  readonly services?: readonly ServiceName[];
  /** Replaced by tests. */
  readonly system?: Partial<System>;
  /** Milliseconds for each check; default 15 s. */
  readonly patience?: number;
}

/** Checks the deployment that environment variables describe. Changes nothing. No finding contains a secret. */
export async function examine(options: ExamineOptions): Promise<NamedFinding[]> {
  const { env, patience, services = [] } = options;
  const deployment = readDeployment(env, services);
  const system = { ...SYSTEM, ...options.system };
  const { close, context } = createContext(deployment, system);
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
    // A secret that cannot be read cannot be shown either. The check `configuration` reports the file.
    return env;
  }
}
