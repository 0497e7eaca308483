import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A response with its complete body. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  json(): Record<string, unknown>;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly body?: string | Buffer | object;
}

/** Sends a request with exactly these headers on a new connection; `fetch` would add some and forbid others. */
export async function sendRequest(
  url: string,
  { body, headers, method }: RequestOptions = {},
): Promise<Answer> {
  const json = typeof body === 'object' && !Buffer.isBuffer(body);
  const sent = request(new URL(url), {
    path: url.slice(new URL(url).origin.length),
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
    agent: false,
  });
  sent.end(json ? JSON.stringify(body) : body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
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
