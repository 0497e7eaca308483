export { createDevice } from './device.ts';
export type * from './types.ts';
