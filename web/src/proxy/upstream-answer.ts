import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** The answer of a service. Its body stays a Node stream: a web stream costs more than the rest of the request. */
export class UpstreamAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readable | null;

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

  /** Drops an unused body, so that its connection is free for the next request. */
  discard(): void {
    this.body?.resume();
  }
}
