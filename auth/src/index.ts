export { createApp, type App, type AppOptions, type Overrides } from './app.ts';
export { readConfig, type Config } from './config.ts';
export { startAuth } from './start.ts';
