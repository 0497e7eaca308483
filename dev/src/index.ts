export { cacheFolder } from './engines/cache.ts';
export { type Engine } from './engines/engine.ts';
export { type FoundEngine, type Surroundings } from './engines/locate.ts';
export { locateMongod, type MongodOptions, startMongod } from './engines/mongod.ts';
export { locateValkey, startValkey, type ValkeyOptions } from './engines/valkey.ts';
export { Watchdog } from './engines/watchdog.ts';
export { LaunchError } from './launch-error.ts';
