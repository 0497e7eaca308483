import type { TransferAnswer, TransferRequest, TransferRun } from '../../src/uploads/index.ts';

/** One PUT as it arrived. */
export interface Put {
  readonly attachmentId: string;
  readonly partNumber: number;
  readonly url: string;
}

/**
 * What happens to a PUT: it is stored and answered; stored without an answer; interrupted at 60 %; never
 * answered; or refused with a status.
 */
export type PutOutcome = 'store' | 'lose-answer' | 'break' | 'hang' | number;

/** An object store in memory, with the transport to it. Its URLs expire, and name the attachment and the part. */
export class FakeStore {
  readonly puts: Put[] = [];
  /** Bytes by attachment and part. */
  readonly objects = new Map<string, Map<number, Blob>>();
  outcome: (put: Put) => PutOutcome | Promise<PutOutcome> = () => 'store';
  /** The highest number of concurrent PUTs. */
  most = 0;
  readonly #now: () => number;
  #flying = 0;
  #urls = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A URL for one part, good until `expiresAt`. */
  url(attachmentId: string, partNumber: number, expiresAt: number): string {
    this.#urls += 1;
    return `store://${attachmentId}/${partNumber}/${expiresAt}/${this.#urls}`;
  }

  /** The bytes of an attachment; `null` while there is none. */
  async read(attachmentId: string): Promise<Buffer | null> {
    const parts = this.objects.get(attachmentId);
    if (parts === undefined) return null;
    const sorted = [...parts].sort(([left], [right]) => left - right).map(([, blob]) => blob);
    return Buffer.from(await new Blob(sorted).arrayBuffer());
  }

  readonly put = (request: TransferRequest): TransferRun => {
    let end: () => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(new Error('Ended'));
    });
    this.#flying += 1;
    this.most = Math.max(this.most, this.#flying);
    const done = Promise.race([this.#take(request), ended]).finally(() => {
      this.#flying -= 1;
    });
    return { done, abort: () => end() };
  };

  async #take({ url, file, from, to, progress }: TransferRequest): Promise<TransferAnswer> {
    const [attachmentId = '', part = '', expiresAt = ''] = url.replace('store://', '').split('/');
    const put = { attachmentId, partNumber: Number(part), url };
    this.puts.push(put);
    if (this.#now() > Number(expiresAt)) return { status: 403, etag: '' };
    const outcome = await this.outcome(put);
    progress(Math.floor((to - from) * 0.6));
    await new Promise((resolve) => setImmediate(resolve));
    if (outcome === 'break') throw new Error('The network broke');
    if (outcome === 'hang') return new Promise(() => undefined);
    if (typeof outcome === 'number') return { status: outcome, etag: '' };
    const parts = this.objects.get(attachmentId) ?? new Map<number, Blob>();
    this.objects.set(attachmentId, parts.set(put.partNumber, (file as File).slice(from, to)));
    progress(to - from);
    if (outcome === 'lose-answer') throw new Error('The network broke');
    return { status: 200, etag: `"${attachmentId.slice(-4)}-${part}"` };
  }
}
