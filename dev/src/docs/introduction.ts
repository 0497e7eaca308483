import { LIMITS, RATE_LIMITS, type RateLimitClass } from '@parley/common';

/** A heading and the paragraphs below it, in Markdown. */
export interface Section {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

const COUNT = new Intl.NumberFormat('en');
const KIB = 1_024;

/** What applies to every operation and event. */
export const introduction: readonly Section[] = [
  {
    title: 'One operation, two transports',
    paragraphs: [
      'Operations on conversations, members, messages, receipts and sync are HTTP requests under `/api` and Socket.IO events with an acknowledgement: the same input, the same answer, the same limits and errors. Accounts, sessions and users are HTTP only; typing and presence need a socket.',
      'HTTP: path, query and JSON body together are the input, and each field is given in one place. Fields of the body may be given in the query as well. The query has numbers, `true` and `false` as they are, and each name once. The answer is 200 with the data, 201 for a registration, and 204 if there is no data.',
      'Socket: `socket.emit(name, input, ack)`. The server always acknowledges: `{ok: true, data}` or `{ok: false, error}`; `data` is `{}` if there is no data. Without `ack` the operation is carried out and not answered. Of the events that the server sends, only `sync:page` is acknowledged by the client.',
    ],
  },
  {
    title: 'Authentication',
    paragraphs: [
      'A registration or login answers a `sessionToken`. HTTP requests send it as `Authorization: Bearer …`, sockets as `auth: {token}` of the handshake. Never put it into a URL.',
      'A session ends 30 days after its last use, at the latest 180 days after it began, or when the user ends it; then its sockets are closed. An open socket counts as use.',
    ],
  },
  {
    title: 'Conventions',
    paragraphs: [
      'Ids are UUIDv7, times are integer milliseconds since the epoch by the clock of the server, names are camelCase. Every field of an answer is present unless it is marked optional; a missing value is `null`, and lists are never `null`.',
      'The contract only grows. Servers refuse fields that they do not know; clients ignore fields, events, kinds of entry and enum values that they do not know. `ready` and `GET /api/meta` have the revision of the server; a client sends a field only to a server of at least the revision that added it.',
      'A `clientId` is the key of one request: 1 to 64 of `A–Z`, `a–z`, `0–9`, `_` and `-`. A client that got no answer repeats the request with the same key, to any node and over either transport, and gets the answer of the first request.',
      'What the caller may not see is answered with `not_found`.',
    ],
  },
  {
    title: 'Limits',
    paragraphs: [
      `A socket frame and an HTTP body have at most ${LIMITS.frameBytes / KIB} KiB, ${LIMITS.jsonDepth} levels and ${COUNT.format(LIMITS.jsonKeys)} keys. A larger frame closes the connection. A page has at most ${LIMITS.pageMax} rows and about ${LIMITS.pageBytes / KIB} KiB.`,
      `A user has at most ${LIMITS.socketsPerUser} sockets on a node, an address ${COUNT.format(LIMITS.socketsPerAddress)}. The server cuts a client that does not read once more than ${LIMITS.outboundBufferBytes / KIB ** 2} MiB are buffered for it.`,
      `Each operation takes from a token bucket of the caller: ${(Object.keys(RATE_LIMITS) as RateLimitClass[]).map(describeClass).join(', ')}. Each node counts the calls that it serves. Beyond the limit the answer is \`rate_limited\` with \`retryAfterMs\`.`,
    ],
  },
];

/** The introduction in Markdown. */
export function introductionText(): string {
  return introduction
    .map(({ paragraphs, title }) => [`## ${title}`, ...paragraphs].join('\n\n'))
    .join('\n\n');
}

function describeClass(name: RateLimitClass): string {
  const { burst, perSecond } = RATE_LIMITS[name];
  return `\`${name}\` ${perSecond} a second, burst ${burst}`;
}
