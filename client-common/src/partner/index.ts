export type * from './api.ts';
export { createBlocks } from './blocks.ts';
export { deliveryOf } from './delivery.ts';
export { createDevice } from './device.ts';
export { createPartner } from './partner.ts';
