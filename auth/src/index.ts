export { createApp, type App, type AppOptions, type Overrides } from './app.ts';
export { authEnvironment, readConfig, type Config } from './config.ts';
export { migrations as authMigrations } from './migrations/index.ts';
export { startAuth } from './start.ts';
