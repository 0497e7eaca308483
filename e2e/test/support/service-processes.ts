import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownProcessPlan, serviceBase, Watchdog, type RunningPart } from '@parley/dev';

type Variables = Readonly<Record<string, string | undefined>>;

/** A service to start, and the variables that only it gets. */
interface Service {
  readonly name: string;
  readonly kind: 'auth' | 'messaging' | 'web';
  readonly env?: Variables;
}

interface Started {
  readonly service: Service;
  readonly running: RunningPart;
}

/** Services as processes of their own, each of which can be started again with other variables at the same address. */
export class ServiceProcesses {
  readonly folder: string;
  readonly watchdog = new Watchdog(process.env);
  readonly #shared: Variables;
  readonly #started = new Map<string, Started>();

  private constructor(folder: string, shared: Variables) {
    this.folder = folder;
    this.#shared = shared;
  }

  /** @param shared - the variables that all services get */
  static async open(shared: Variables): Promise<ServiceProcesses> {
    return new ServiceProcesses(await mkdtemp(join(tmpdir(), 'parley-services-')), shared);
  }

  /** The URL of a service that was started. */
  url(name: string): string {
    return this.#of(name).running.url;
  }

  /** Starts a service on free ports. @throws LaunchError with what it printed */
  async start(service: Service): Promise<RunningPart> {
    return this.#launch(service, undefined);
  }

  /** Stops a service as a deployment does and starts it at its address, with other values of some variables. */
  async restart(name: string, changes: Variables): Promise<void> {
    const { running, service } = this.#of(name);
    await running.stop();
    await this.#launch({ ...service, env: { ...service.env, ...changes } }, running);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#started.values()].map(({ running }) => running.stop()));
    this.watchdog.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #of(name: string): Started {
    const started = this.#started.get(name);
    if (started === undefined) throw new Error(`${name} was not started`);
    return started;
  }

  async #launch(service: Service, before: RunningPart | undefined): Promise<RunningPart> {
    const { kind, name } = service;
    const env = {
      ...serviceBase(process.env),
      ...{ NODE_ENV: undefined, HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0' },
      ...{ PARLEY_LOG_LEVEL: 'warn', PARLEY_RATE_LIMITS: 'off' },
      ...this.#shared,
      ...service.env,
    };
    const site = { logs: this.folder, watchdog: this.watchdog };
    const running = await ownProcessPlan({ name, kind, env }, site).start(before);
    this.#started.set(name, { service, running });
    return running;
  }
}
