import { en, type Texts } from './en.ts';

/** The texts of the person's language; the one place to add another. */
export const texts: Texts = en;
export type { Texts } from './en.ts';
