export * from './imitation.ts';
export * from './skeleton.ts';
