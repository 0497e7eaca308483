/* eslint-disable @typescript-eslint/no-explicit-any -- answers are read here as a program without our types reads them */
import { fetchWithin } from '../patience.ts';
import { type Transcript } from './transcript.ts';

/** Headers that the contract promises something of. */
const PROMISED = [
  'content-type',
  'cache-control',
  'x-request-id',
  'www-authenticate',
  'retry-after',
  'allow',
  'location',
];

/** A request to the public API. */
export interface WireRequest {
  readonly method?: string;
  /** Behind `/api`. */
  readonly path: string;
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, with this type, instead of `body`. */
  readonly text?: readonly [contentType: string, body: string];
}

/** Sends a request. Records it and its answer: status, promised headers and body. Returns the body. */
export async function exchange(
  origin: string,
  transcript: Transcript,
  request: WireRequest,
): Promise<any> {
  const { method = 'GET', path, token } = request;
  const json = request.body === undefined ? undefined : JSON.stringify(request.body);
  const [contentType, body] = request.text ?? ['application/json', json];
  transcript.note('http', '>', `${method} ${path}${body === undefined ? '' : ` ${body}`}`);
  const response = await fetchWithin(`${origin}/api${path}`, {
    method,
    headers: {
      'x-request-id': 'wire-recording',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const headers = PROMISED.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  transcript.note('http', '<', `${response.status} ${headers.join('; ')} ${text}`.trimEnd());
  return text === '' ? undefined : JSON.parse(text);
}
