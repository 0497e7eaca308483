import { createContext, use } from 'react';

/** Opens a picture of the open conversation in the lightbox. */
export interface LightboxControl {
  /** @param key key of the message */
  readonly open: (key: string) => void;
}

export const LightboxContext = createContext<LightboxControl>({ open: () => undefined });

export function useLightbox(): LightboxControl {
  return use(LightboxContext);
}
