export { AppError, type ErrorCode, LIMITS } from '@parley/common';

export type * from './api/auth-api.ts';
export type * from './api/client.ts';
export type * from './api/connection.ts';
export type * from './api/conversation.ts';
export type * from './api/platform.ts';
export type * from './api/readable.ts';
export type * from './api/timeline.ts';
export type * from './api/uploads.ts';
export { createAuthApi } from './auth-api.ts';
export { createClient } from './client.ts';
export { browserPlatform, type BrowserPlatformOptions } from './platform/browser.ts';
export { memoryPlatform, memoryStore } from './platform/memory.ts';
export { reactNativePlatform, type ReactNativeParts } from './platform/react-native.ts';
