export { createBlocks } from './blocks.ts';
export type * from './types.ts';
