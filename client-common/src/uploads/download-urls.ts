import type { OperationOutput } from '@parley/common/contract';

import type { AttachmentVariant } from '../attachments/types.ts';
import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';

type DownloadUrl = OperationOutput<'attachment:url'>;

/** Milliseconds before its expiry from which a URL is too old to be used. */
const MARGIN = 15_000;
const KEPT = 500;

export interface DownloadUrlsDeps {
  readonly runtime: Pick<Runtime, 'now'>;
  readonly requests: Pick<Requests, 'call'>;
}

/** The URLs of attachments, each requested once while it is valid. */
export class DownloadUrls {
  readonly #deps: DownloadUrlsDeps;
  readonly #urls = new Map<string, Promise<DownloadUrl>>();

  constructor(deps: DownloadUrlsDeps) {
    this.#deps = deps;
  }

  async of(attachmentId: string, variant: AttachmentVariant = 'original'): Promise<string> {
    const key = variant + attachmentId;
    const { requests, runtime } = this.#deps;
    const ask = () => requests.call('attachment:url', { attachmentId, variant });
    const isValid = ({ expiresAt }: DownloadUrl) => expiresAt > runtime.now() + MARGIN;
    const known = this.#urls.get(key);
    const url = known?.then((last) => (isValid(last) ? last : ask()), ask) ?? ask();
    if (this.#urls.size > KEPT) this.#urls.clear();
    this.#urls.set(key, url);
    return (await url).url;
  }
}
