import type { AppError } from '@parley/common';
import type { Partner } from '@parley/common/contract';

import type { Client } from '../client.ts';
import { memoryPlatform } from '../platform/memory.ts';
import type { PartnerPart, PartOptions } from './api.ts';
import { Link } from './link.ts';
import { OwnStatus } from './own-status.ts';

/** A wrong guess counts, and a right code is good once: neither is asked twice. */
const ONCE = { attempts: 1 };

/** Makes the partner and the status of a client's person. It asks for nothing until somebody subscribes. */
export function createPartner(client: Client, options: PartOptions = {}): PartnerPart {
  const platform = { ...memoryPlatform(), ...options.platform };
  const link = new Link(client, platform);
  const own = new OwnStatus(client, platform);
  return {
    partner: link.readable,
    status: own.readable,
    reload: () => link.ask(),
    setStatus: (status, until = null) => own.set(status, until),
    createLinkCode: () => client.request('link:create', {}),
    confirmLink: (linkCode) => confirm(client, link, linkCode),
    unlink: async () => {
      try {
        await client.request('partner:unlink', {});
      } catch (thrown) {
        if ((thrown as AppError).code !== 'not_found') throw thrown;
      }
      link.ended();
      void link.ask();
    },
  };
}

async function confirm(client: Client, link: Link, linkCode: string): Promise<Partner> {
  try {
    const partner = await client.request('link:confirm', { linkCode }, ONCE);
    link.take(partner);
    // What was asked before does not know of it.
    void link.ask();
    return partner;
  } catch (thrown) {
    // The answer may be what got lost.
    if ((thrown as AppError).code !== 'unavailable') throw thrown;
    await link.ask();
    if (link.partner === null) throw thrown;
    return link.partner;
  }
}
