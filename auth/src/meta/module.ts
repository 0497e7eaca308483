import { LIMITS } from '@parley/common';
import { CONTRACT, type WebPush } from '@parley/common/contract';

import type { Module } from '../module.ts';

interface MetaModuleDeps {
  readonly registration: 'open' | 'closed';
  /** Absent if web push is not configured. */
  readonly webPush: WebPush | undefined;
}

/** What clients ask before they log in: the version of the contract, and what this installation allows. */
export function createMetaModule({ registration, webPush }: MetaModuleDeps): Module<'meta:get'> {
  const meta = {
    contract: CONTRACT,
    registration,
    passwordMinLength: LIMITS.passwordMin,
    textMaxLength: LIMITS.textMax,
    attachmentMaxBytes: LIMITS.attachmentBytes,
    ...(webPush === undefined ? {} : { push: webPush }),
  };
  return { name: 'meta', handlers: { 'meta:get': () => Promise.resolve(meta) } };
}
