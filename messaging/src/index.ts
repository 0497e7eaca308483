export { createApp, type App, type AppOptions, type Overrides } from './app.ts';
export { messagingEnvironment, readConfig, type Config } from './config.ts';
export { messagingMigrations } from './migrations/index.ts';
export { exchangeCredentials } from './push/senders/exchange-credentials.ts';
export type { FirebaseOptions } from './push/senders/firebase-sender.ts';
export type { Push, PushContent, PushOutcome, PushSender } from './push/ports.ts';
export { openFirebaseSender } from './push/senders/open-sender.ts';
export { startMessaging } from './start.ts';
