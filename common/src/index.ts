export * from './client-limits.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './message-text.ts';
export * from './text/characters.ts';
export * from './text/graphemes.ts';
export * from './time.ts';
