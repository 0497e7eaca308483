import type { TransferAnswer, TransferRequest, TransferRun } from '../../src/uploads/index.ts';

/** One PUT as it arrived. */
export interface Put {
  readonly attachmentId: string;
  readonly partNumber: number;
  readonly url: string;
}

/**
 * What becomes of a PUT: stored and answered; stored but not answered; broken at 60 %; kept waiting for
 * ever; or refused with a status.
 */
export type PutFate = 'store' | 'lose-answer' | 'break' | 'hang' | number;

/** An object store in memory, which is also the way to it. Its URLs end and name what they are for. */
export class FakeStore {
  readonly puts: Put[] = [];
  /** Bytes by attachment and part. */
  readonly objects = new Map<string, Map<number, Blob>>();
  fate: (put: Put) => PutFate | Promise<PutFate> = () => 'store';
  /** Most PUTs that were on their way at once. */
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
    const fate = await this.fate(put);
    progress(Math.floor((to - from) * 0.6));
    await new Promise((resolve) => setImmediate(resolve));
    if (fate === 'break') throw new Error('The network broke');
    if (fate === 'hang') return new Promise(() => undefined);
    if (typeof fate === 'number') return { status: fate, etag: '' };
    const parts = this.objects.get(attachmentId) ?? new Map<number, Blob>();
    this.objects.set(attachmentId, parts.set(put.partNumber, (file as File).slice(from, to)));
    progress(to - from);
    if (fate === 'lose-answer') throw new Error('The network broke');
    return { status: 200, etag: `"${attachmentId.slice(-4)}-${part}"` };
  }
}
