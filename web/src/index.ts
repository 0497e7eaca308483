export { createApp, startWeb, type Overrides, type WebApp } from './app.ts';
export { readConfig, type Config } from './config.ts';
