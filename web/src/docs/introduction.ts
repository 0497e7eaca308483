import { LIMITS, RATE_LIMITS, type RateLimitClass } from '@parley/common';

/** A heading and what stands below it; `code` stands in backticks. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
}

const COUNT = new Intl.NumberFormat('en');
const KIB = 1_024;

/** What holds for every operation and event. */
export const introduction: readonly Section[] = [
  {
    id: 'transports',
    title: 'One operation, two transports',
    paragraphs: [
      'Operations on conversations, members, messages, receipts and sync are HTTP requests under `/api` and Socket.IO events with an acknowledgement: the same input, the same answer, the same limits and errors. Accounts, sessions and people are HTTP alone; typing and presence need a socket.',
      'HTTP: the fields of path, query and JSON body together are the input; each field stands in one place. Fields of the body may stand in the query as well. A query says numbers and `true` or `false` as they are; no name comes twice. The answer is 200 with the data, 201 for a registration, 204 where there is nothing to say.',
      "Socket: `socket.emit(name, input, ack)`. The acknowledgement always comes: `{ok: true, data}` or `{ok: false, error}`; where there is nothing to say, `data` is `{}`. Without `ack` the operation is carried out unanswered. Of what the server tells by itself, only `sync:page` wants an acknowledgement of the client's.",
    ],
  },
  {
    id: 'authentication',
    title: 'Who is asking',
    paragraphs: [
      'A registration or log-in answers a `sessionToken`. HTTP sends it as `Authorization: Bearer …`, a socket as `auth: {token}` of its handshake. It never stands in a URL.',
      'A session ends 30 days after its last use, 180 days after it began, or when somebody ends it; then its sockets are closed. An open socket counts as use.',
    ],
  },
  {
    id: 'conventions',
    title: 'Conventions',
    paragraphs: [
      'Ids are UUIDv7, times are integer milliseconds since the epoch by the clock of the server, names are camelCase. Every field of an answer is there unless it is marked optional; what there is not is `null`, and lists are never `null`.',
      'The contract only grows. Servers refuse fields that they do not know; clients pass over fields, events, kinds of entry and enum values that they do not know. `ready` and `GET /api/meta` say the revision of the server; a client sends a field only to a server of at least the revision that brought it.',
      'A `clientId` is the key of one request: 1 to 64 of `A–Z`, `a–z`, `0–9`, `_` and `-`. A client that got no answer repeats the request with the same key, on any node and over either transport, and gets what the first one did.',
      'What the caller may not see answers `not_found`.',
    ],
  },
  {
    id: 'limits',
    title: 'Limits',
    paragraphs: [
      `A frame of a socket and a body of HTTP have at most ${LIMITS.frameBytes / KIB} KiB, ${LIMITS.jsonDepth} levels and ${COUNT.format(LIMITS.jsonKeys)} keys. A larger frame closes the connection. A page has at most ${LIMITS.pageMax} rows and about ${LIMITS.pageBytes / KIB} KiB.`,
      `A person has at most ${LIMITS.socketsPerUser} sockets on a node, an address ${COUNT.format(LIMITS.socketsPerAddress)}. A client that does not read what is sent to it is cut when more than ${LIMITS.outboundBufferBytes / KIB ** 2} MiB wait for it.`,
      `Each operation takes from a bucket of the caller: ${(Object.keys(RATE_LIMITS) as RateLimitClass[]).map(describeClass).join(', ')}. A node counts what it serves itself. Beyond it the answer is \`rate_limited\` with \`retryAfterMs\`.`,
    ],
  },
];

function describeClass(name: RateLimitClass): string {
  const { burst, perSecond } = RATE_LIMITS[name];
  return `\`${name}\` ${perSecond} a second, burst ${burst}`;
}
