import { join } from 'node:path';

import { type ServiceEnvironment } from '../parley-users.ts';
import { type Cores } from '../processes/cores.ts';
import { NodeProcess } from '../processes/node-process.ts';
import { type AttackName } from './job.ts';

const SCRIPTS = {
  messaging: new URL('../servers/parley.ts', import.meta.url),
  auth: new URL('../servers/auth.ts', import.meta.url),
  web: new URL('../servers/web.ts', import.meta.url),
};
const START_MS = 60_000;

type ServiceName = keyof typeof SCRIPTS;

/** The service that an attack is directed at; messaging if it is not listed. */
const ATTACKED: Partial<Record<AttackName, ServiceName>> = {
  'log-ins': 'auth',
  'web-connections': 'web',
  'web-requests': 'web',
};

interface VictimsOptions {
  readonly env: ServiceEnvironment;
  readonly cores: Cores | undefined;
  readonly folder: string;
  readonly cpuProfile: boolean;
}

/** The services that run during an attack, all on the core of the server. */
export class Victims {
  readonly #attack: AttackName;
  readonly #options: VictimsOptions;
  readonly #running: NodeProcess[] = [];

  private constructor(attack: AttackName, options: VictimsOptions) {
    this.#attack = attack;
    this.#options = options;
  }

  /** Prepares the services that an attack needs. The caller must call `stop` in the end, even if `start` has failed. */
  static of(attack: AttackName, options: VictimsOptions): Victims {
    return new Victims(attack, options);
  }

  /** Starts the services. Returns the attacked process, its URL, and the URL that honest users connect to. */
  async start(): Promise<{ server: NodeProcess; url: string; honestUrl: string }> {
    const messaging = await this.#start('messaging', {});
    const attacked = ATTACKED[this.#attack] ?? 'messaging';
    if (attacked === 'messaging') return { ...messaging, honestUrl: messaging.url };
    const auth = await this.#start('auth', {});
    if (attacked === 'auth') return { ...auth, honestUrl: messaging.url };
    const web = await this.#start('web', {
      PARLEY_AUTH_URL: auth.url,
      PARLEY_MESSAGING_URL: messaging.url,
    });
    return { ...web, honestUrl: web.url };
  }

  /** Stops everything that has started. */
  async stop(): Promise<void> {
    await Promise.all(this.#running.map((each) => each.stop()));
  }

  async #start(
    name: ServiceName,
    more: ServiceEnvironment,
  ): Promise<{ server: NodeProcess; url: string }> {
    const { cores, cpuProfile, env, folder } = this.#options;
    const isProfiled = cpuProfile && name === (ATTACKED[this.#attack] ?? 'messaging');
    const profiling = ['--cpu-prof', `--cpu-prof-dir=${join(folder, this.#attack)}`];
    const server = await NodeProcess.start({
      ...{ script: SCRIPTS[name], core: cores?.server, env: { ...env, ...more } },
      nodeArgs: isProfiled ? profiling : [],
      logFile: join(folder, `${this.#attack}-${name}.log`),
    });
    this.#running.push(server);
    const { url } = (await server.next(START_MS)) as { url: string };
    return { server, url };
  }
}
