import { en, type Texts } from './en/index.ts';

/** The texts in the user's language. Select other languages here. */
export const texts: Texts = en;
export type { Texts } from './en/index.ts';
