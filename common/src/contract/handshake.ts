import { z } from 'zod';

import { event } from './events.ts';
import { CONTRACT } from './version.ts';

/** The `auth` of the handshake. */
export const handshakeAuth = z.object({
  token: z
    .string()
    .max(2_048)
    .describe('A session token, or a ticket of the web service. Never put it into a URL.'),
  sync: z
    .literal('heads')
    .optional()
    .describe(
      '`heads`: the client compares heads (`sync`) and pulls what it lacks. Absent: the server replays what this session has not acknowledged.',
    ),
  contract: z
    .int()
    .optional()
    .describe('The revision of the contract that the client was written for.'),
});
export type HandshakeAuth = z.infer<typeof handshakeAuth>;

/** What a client says when it opens a socket. */
export const handshake = event({
  summary: 'Open a socket',
  description:
    'The `auth` of the Socket.IO handshake. A refusal is `connect_error` with the code as `message` and the error as `data`: `unauthenticated`, `session_expired`, `limit_reached`, `invalid_input` or `unavailable`. A Socket.IO client does not reconnect by itself after a refusal; `retryable` says whether it should.',
  payload: handshakeAuth,
  example: {
    token: 'q1Yb0m7nC3Zk9sVd5xQpLr2TtWg8uEoHjNfAaBcDeFg',
    sync: 'heads',
    contract: CONTRACT.revision,
  },
});
