import type { Client, Platform } from '@parley/client-common';
import { type BlocksPart, createBlocks } from '@parley/client-common/blocks';
import { createDevice, type DevicePart } from '@parley/client-common/device';
import { createPartner, type PartnerPart } from '@parley/client-common/partner';
import { createContext, use } from 'react';

import { ReplyTargets } from './features/composer/reply-targets.ts';
import { Push, type PushDeps } from './features/push/push.ts';

/** The features of the app besides conversations. */
export interface Parts {
  readonly partner: PartnerPart;
  readonly blocks: BlocksPart;
  readonly device: DevicePart;
  readonly push: Push;
  readonly replies: ReplyTargets;
}

/** The platform-dependent dependencies of the parts. */
export interface PartsOptions {
  readonly platform?: Partial<Platform>;
  /** If absent, this browser receives no push messages. */
  readonly push?: Omit<PushDeps, 'device'>;
}

const NO_PUSHES: Omit<PushDeps, 'device'> = {
  config: () => Promise.resolve(undefined),
  connect: () => Promise.resolve(null),
  disconnect: () => Promise.resolve(),
};

export function createParts(client: Client, options: PartsOptions = {}): Parts {
  const { platform = {}, push = NO_PUSHES } = options;
  const device = createDevice(client, { platform });
  return {
    partner: createPartner(client, { platform }),
    blocks: createBlocks(client),
    device,
    push: new Push({ ...push, device }),
    replies: new ReplyTargets(),
  };
}

/** Keeps the parts live, whatever is on the screen. Returns the function that stops them. */
export function startParts({ partner, blocks, device }: Parts): () => void {
  const ignore = () => undefined;
  const stops = [
    partner.partner.subscribe(ignore),
    partner.status.subscribe(ignore),
    blocks.list.subscribe(ignore),
    device.start(),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

export const PartsContext = createContext<Parts | null>(null);

/** The partner, blocks and device of the signed-in user. */
export function useParts(): Parts {
  const parts = use(PartsContext);
  if (parts === null) throw new Error('No PartsContext around this component');
  return parts;
}
