export { createApp, type App, type Overrides, type Surroundings } from './app.ts';
export { readConfig, type Config } from './config.ts';
export type { FirebaseOptions } from './push/senders/firebase-sender.ts';
export type { Push, PushContent, PushOutcome, PushSender } from './push/ports.ts';
export { startMessaging } from './start.ts';
export { openFirebaseSender } from './wiring/pushes.ts';
