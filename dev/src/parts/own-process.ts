import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { Child, type ChildOptions } from '../processes/child.ts';
import { rotateLog, tailOf } from '../engines/log-tail.ts';
import { type Watchdog } from '../processes/watchdog.ts';
import { LaunchError, oneLine } from '../launch-error.ts';
import { type PartPlan, type RunningPart } from './part.ts';
import { type ServiceKind, type ServiceRequest } from './service-parts.ts';

const START_TIMEOUT_MS = 60_000;
/** Longer than the 15 s that a service gives itself. */
const GRACE_MS = 20_000;

const addressSchema = z.object({ url: z.string(), metricsUrl: z.string().optional() });

/** The addresses that the process of a service reports to its launcher. */
type Address = z.infer<typeof addressSchema>;

/** What the processes of one stack share. */
export interface ProcessContext {
  readonly logs: string;
  readonly watchdog: Watchdog;
}

/** Not `import.meta.resolve`, which is missing where a test runner has turned this module into CommonJS. */
const { resolve } = createRequire(import.meta.url);

/** A service, or the embedded object store. */
export type ProcessRequest = Omit<ServiceRequest, 'kind'> & {
  readonly kind: ServiceKind | 'object-store';
};

/** The arguments that run a part's `main`: with a loader while it is TypeScript, without once it is built. */
function mainArguments(kind: ProcessRequest['kind']): string[] {
  const index = resolve(kind === 'object-store' ? '@parley/dev' : `@parley/${kind}`);
  const isSource = index.endsWith('.ts');
  const folder = kind === 'object-store' ? join(dirname(index), kind) : dirname(index);
  const main = join(folder, isSource ? 'main.ts' : 'main.js');
  if (!isSource) return [main];
  const loader = pathToFileURL(resolve('tsx')).href;
  return ['--import', loader, '--conditions=source', main];
}

function samePorts(before: RunningPart | undefined): Record<string, string> {
  if (before === undefined) return {};
  const { metricsUrl, url } = before;
  const metrics = metricsUrl === undefined ? {} : { METRICS_PORT: new URL(metricsUrl).port };
  return { PORT: new URL(url).port, ...metrics };
}

/** What a failed process printed for its user, in one line, without JSON log lines and stack traces. */
async function errorOutput(logFile: string, from: number): Promise<string> {
  const lines = await tailOf(logFile, from);
  const printed = lines.filter((line) => !/^(\{|\s+at )/.test(line));
  return oneLine(printed.join(' ')) || `more in ${logFile}`;
}

/** Starts the process and waits for its address; undefined if it ends or the time is up first. */
async function startAnswering(
  options: Omit<ChildOptions, 'onMessage'>,
): Promise<{ child: Child; address: Address | undefined }> {
  let report: (address?: Address) => void = () => undefined;
  const reported = new Promise<Address | undefined>((resolve) => (report = resolve));
  const child = await Child.start({
    ...options,
    onMessage: (message) => {
      const parsed = addressSchema.safeParse(message);
      if (parsed.success) report(parsed.data);
    },
  });
  const timer = setTimeout(() => report(), START_TIMEOUT_MS);
  void child.exited.then(() => report());
  const address = await reported;
  clearTimeout(timer);
  return { child, address };
}

async function launch(
  { name, kind, env }: ProcessRequest,
  site: ProcessContext,
  ports: Record<string, string>,
): Promise<RunningPart> {
  const logFile = join(site.logs, `${name}.log`);
  const from = await rotateLog(logFile);
  const { child, address } = await startAnswering({
    command: process.execPath,
    args: mainArguments(kind),
    env: { ...env, ...ports },
    logFile,
    watchdog: site.watchdog,
  });
  if (address) {
    const { metricsUrl, url } = address;
    const metrics = metricsUrl === undefined ? {} : { metricsUrl };
    return {
      url,
      ...metrics,
      pid: child.pid,
      exited: child.exited,
      stop: () => child.stop(GRACE_MS),
    };
  }
  if (child.running) await child.kill();
  throw new LaunchError(`${name} did not start: ${await errorOutput(logFile, from)}`);
}

/** A service or the object store as a process of its own. */
export function ownProcessPlan(request: ProcessRequest, site: ProcessContext): PartPlan {
  return {
    name: request.name,
    kind: request.kind,
    start: (before) => launch(request, site, samePorts(before)),
  };
}
