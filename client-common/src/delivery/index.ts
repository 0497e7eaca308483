export { deliveryOf } from './delivery.ts';
export type * from './types.ts';
