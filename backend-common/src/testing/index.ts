export * from './manual-timers.ts';
export * from './mongo.ts';
export * from './object-store.ts';
export * from './query-plans.ts';
export * from './raw-http.ts';
export * from './recording-logger.ts';
export * from './silent-logger.ts';
export * from './standalone-mongod.ts';
