import { closeLogger, createLogger } from '@parley/backend-common';
import { type LaunchConfig } from '../config.ts';
import { type DataFolder } from '../data-folder.ts';
import { type Watchdog } from '../processes/watchdog.ts';
import { LaunchError, oneLine } from '../launch-error.ts';
import { storeEnvironment } from '../object-store/config.ts';
import { type EmbeddedStoreOptions, startEmbeddedStore } from '../object-store/embedded-store.ts';
import { type StoreKeys } from '../object-store/signature.ts';
import { nodeEnvironment } from '../processes/child-environment.ts';
import { ownProcessPlan } from './own-process.ts';
import { type PartPlan } from './part.ts';
import { storePlace } from './store-place.ts';

/** What the object store of one stack needs. */
export interface StoreContext {
  readonly config: LaunchConfig;
  readonly folder: DataFolder;
  readonly watchdog: Watchdog;
  readonly keys: StoreKeys;
}

/** The bucket of `npm start`. */
export const BUCKET = 'parley';
const NAME = 'object-store';

function optionsOf(site: StoreContext): Omit<EmbeddedStoreOptions, 'logger' | 'port'> {
  const { config, folder, keys } = site;
  const { host, origins } = storePlace(config);
  return { keys, bucket: BUCKET, folder: folder.objects, origins, host };
}

/** The object store in this process. */
function inProcess(site: StoreContext): PartPlan {
  return {
    name: NAME,
    kind: 'object-store',
    start: async () => {
      const logger = createLogger({ service: NAME, level: 'warn', directory: site.folder.logs });
      try {
        const store = await startEmbeddedStore({ ...optionsOf(site), port: 0, logger });
        const stop = async () => {
          await store.close();
          await closeLogger(logger);
        };
        return { pid: process.pid, url: store.url, stop };
      } catch (error) {
        await closeLogger(logger);
        const message = `${NAME} did not start: ${oneLine((error as Error).message)}`;
        throw new LaunchError(message, { cause: error });
      }
    },
  };
}

/** The embedded object store: its own process if there are several nodes, else in this process. */
export function objectStorePlan(site: StoreContext): PartPlan {
  if (site.config.nodes === undefined) return inProcess(site);
  const env = {
    ...nodeEnvironment(site.config.env),
    PARLEY_LOG_DIR: site.folder.logs,
    ...storeEnvironment(optionsOf(site)),
  };
  return ownProcessPlan(
    { name: NAME, kind: 'object-store', env },
    { logs: site.folder.logs, watchdog: site.watchdog },
  );
}
