import { createContext, use } from 'react';

/** Shows a picture of the open conversation large. */
export interface LightboxControl {
  /** @param key of the message */
  readonly open: (key: string) => void;
}

export const LightboxContext = createContext<LightboxControl>({ open: () => undefined });

export function useLightbox(): LightboxControl {
  return use(LightboxContext);
}
