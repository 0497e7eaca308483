import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * Sends a request as it is written here, which no HTTP client would do, and resolves with the answer as text. The
 * request must make the server close the connection: by `connection: close`, or because it is refused.
 * @param lines - the request line and the header fields, without line ends
 */
export async function rawRequest(
  url: string,
  lines: readonly string[],
  body = '',
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
  return text(socket);
}

/** What a server must do with requests whose `Host` is wrong, right or absent (RFC 9112 §3.2). */
export const HOSTS: readonly {
  readonly what: string;
  readonly lines: string[];
  readonly status: number;
}[] = [
  { what: 'two hosts', lines: ['Host: a.example', 'Host: b.example'], status: 400 },
  { what: 'the same host twice', lines: ['Host: a.example', 'host: a.example'], status: 400 },
  { what: 'an empty host', lines: ['Host:'], status: 400 },
  { what: 'a host with a path', lines: ['Host: a.example/b'], status: 400 },
  { what: 'a host with a blank', lines: ['Host: a.example b.example'], status: 400 },
  { what: 'a list of hosts', lines: ['Host: a.example, b.example'], status: 400 },
  { what: 'a host with a user', lines: ['Host: ann@a.example'], status: 400 },
  { what: 'a host with a password', lines: ['Host: ann:secret@a.example'], status: 400 },
  { what: 'a host with a scheme', lines: ['Host: http://a.example'], status: 400 },
  { what: 'a port that is no number', lines: ['Host: a.example:8o'], status: 400 },
  { what: 'an unfinished address', lines: ['Host: [::1'], status: 400 },
  { what: 'no host', lines: [], status: 400 },
  {
    what: 'two lengths',
    lines: ['Host: a.example', 'Content-Length: 0', 'Content-Length: 1'],
    status: 400,
  },
  { what: 'a name', lines: ['Host: a.example'], status: 200 },
  { what: 'a name of a container with a port', lines: ['Host: parley_web.1:8080'], status: 200 },
  { what: 'an IPv4 address', lines: ['Host: 127.0.0.1:80'], status: 200 },
  { what: 'an IPv6 address', lines: ['Host: [fe80::1%25eth0]:443'], status: 200 },
];

const CLOSE = ['Connection: close'];
/** Header fields that ask for a WebSocket. */
const WEB_SOCKET = [
  ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** The status of the answer to a GET with these header fields over HTTP/1.1, which may ask for a WebSocket. */
export async function statusOf(
  url: string,
  lines: readonly string[],
  as: 'request' | 'websocket' = 'request',
): Promise<number> {
  const { pathname, search } = new URL(url);
  const asking = as === 'request' ? CLOSE : WEB_SOCKET;
  const answer = await rawRequest(url, [`GET ${pathname}${search} HTTP/1.1`, ...lines, ...asking]);
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}
