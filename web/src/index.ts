export { createApp, type App, type AppOptions, type Overrides } from './app.ts';
export { webEnvironment, readConfig, type Config } from './config.ts';
export { startWeb } from './start.ts';
