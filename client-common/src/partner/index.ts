export { createPartner } from './partner.ts';
export type * from './types.ts';
