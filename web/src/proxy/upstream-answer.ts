import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';

/** The answer of a service. Its body stays a Node stream: a web stream costs more than the rest of the request. */
export class UpstreamAnswer {
  readonly status: number;
  readonly headers: Headers;
  body: Readable | null;

  constructor(body: Readable | null, init: { status: number; headers: [string, string][] }) {
    this.body = body;
    this.status = init.status;
    this.headers = new Headers(init.headers);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The body as JSON; may be called once. */
  async json(): Promise<unknown> {
    return JSON.parse(this.body === null ? '' : await text(this.body)) as unknown;
  }

  /** The body as JSON, which can still be passed on afterwards; `undefined` if it is no JSON. */
  async peekJson(): Promise<unknown> {
    if (this.body === null) return undefined;
    const bytes = await buffer(this.body);
    this.body = Readable.from([bytes], { objectMode: false });
    try {
      return JSON.parse(bytes.toString()) as unknown;
    } catch {
      return undefined;
    }
  }

  /** Drops an unused body, so that its connection is free for the next request. */
  discard(): void {
    this.body?.resume();
  }
}
