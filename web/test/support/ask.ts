import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  json(): Record<string, unknown>;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly body?: string | Buffer | object;
}

/** Sends exactly the headers it is given, on a connection of its own: `fetch` would add and forbid some. */
export async function ask(url: string, { body, headers, method }: Question = {}): Promise<Answer> {
  const json = typeof body === 'object' && !Buffer.isBuffer(body);
  const asked = request(new URL(url), {
    path: url.slice(new URL(url).origin.length),
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
    agent: false,
  });
  asked.end(json ? JSON.stringify(body) : body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const bytes = await buffer(answer);
  const text = bytes.toString();
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    bytes,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

/** What our page sends with every request to the cookie side. */
export const PAGE = { 'x-parley': '1' };
