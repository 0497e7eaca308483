export { createApp, type App, type AppOptions, type Overrides } from './app.ts';
export { readConfig, type Config } from './config.ts';
export type { FirebaseOptions } from './push/senders/firebase-sender.ts';
export type { Push, PushContent, PushOutcome, PushSender } from './push/ports.ts';
export { openFirebaseSender } from './push/senders/open-sender.ts';
export { startMessaging } from './start.ts';
