import type { OperationOutput } from '@parley/common/contract';

import type { AttachmentVariant } from '../api/uploads.ts';
import type { Context } from '../context.ts';

type Link = OperationOutput<'attachment:url'>;

/** Milliseconds before its end from which a link is too old to begin with. */
const MARGIN = 15_000;
const KEPT = 500;

/** Links to the bytes of attachments, each asked for once while it holds. */
export class AttachmentUrls {
  readonly #context: Pick<Context, 'runtime' | 'requests'>;
  readonly #links = new Map<string, Promise<Link>>();

  constructor(context: Pick<Context, 'runtime' | 'requests'>) {
    this.#context = context;
  }

  async of(attachmentId: string, variant: AttachmentVariant = 'original'): Promise<string> {
    const key = variant + attachmentId;
    const { requests, runtime } = this.#context;
    const ask = () => requests.call('attachment:url', { attachmentId, variant });
    const isGood = ({ expiresAt }: Link) => expiresAt > runtime.now() + MARGIN;
    const known = this.#links.get(key);
    const link = known?.then((last) => (isGood(last) ? last : ask()), ask) ?? ask();
    if (this.#links.size > KEPT) this.#links.clear();
    this.#links.set(key, link);
    return (await link).url;
  }
}
