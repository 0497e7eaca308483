import type { Client, Platform } from '@parley/client-common';
import {
  createDevice,
  createPartner,
  type DevicePart,
  type PartnerPart,
} from '@parley/client-common/partner';
import { createContext, use } from 'react';

/** What the app has beside conversations. */
export interface Parts {
  readonly partner: PartnerPart;
  readonly device: DevicePart;
}

export function createParts(client: Client, platform: Partial<Platform> = {}): Parts {
  return {
    partner: createPartner(client, { platform }),
    device: createDevice(client, { platform }),
  };
}

/** Keeps them live, whatever is on the screen. Answers how to stop. */
export function startParts({ partner, device }: Parts): () => void {
  const ignore = () => undefined;
  const stops = [
    partner.partner.subscribe(ignore),
    partner.status.subscribe(ignore),
    device.start(),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

export const PartsContext = createContext<Parts | null>(null);

/** Partner and device of the signed-in person. */
export function useParts(): Parts {
  const parts = use(PartsContext);
  if (parts === null) throw new Error('No PartsContext around this component');
  return parts;
}
