export { createApp, type App, type Overrides, type Surroundings } from './app.ts';
export { readConfig, type Config } from './config.ts';
export { startWeb } from './start.ts';
