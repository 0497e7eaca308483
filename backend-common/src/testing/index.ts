export * from './mongo.ts';
export * from './silent-logger.ts';
