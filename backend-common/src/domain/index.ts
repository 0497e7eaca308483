export * from './administrators/administrator-repository.ts';
export * from './administrators/administrators.ts';
export * from './blocks/block-policy.ts';
export * from './blocks/block-repository.ts';
export * from './blocks/block-poller.ts';
export * from './blocks/migration.ts';
export * from './profiles/profile-repository.ts';
export * from './profiles/removal-repository.ts';
