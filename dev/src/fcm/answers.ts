import type { IncomingMessage, ServerResponse } from 'node:http';

import { PROJECT } from './credentials.ts';

/**
 * How the stand-in answers one request. `held` accepts the message once `until` resolves, and then calls `then`;
 * `reset` closes the connection, `silence` never answers. `retryAfter` is in seconds.
 */
export type FcmAnswer =
  | { readonly kind: 'ok' | 'unregistered' | 'invalid-token' | 'reset' | 'silence' }
  | { readonly kind: 'busy'; readonly retryAfter?: number }
  | { readonly kind: 'unavailable'; readonly retryAfter?: number }
  | { readonly kind: 'no-permission' }
  | { readonly kind: 'held'; readonly until: Promise<void>; readonly then: () => void };

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The id that an accepted message gets. */
  readonly messageId: number;
}

/** Answers a request to send a message, with the statuses and error codes of Firebase Cloud Messaging. */
export function respond(answer: FcmAnswer, { messageId, request, response }: Exchange): void {
  const accept = () =>
    writeJson(response, 200, { name: `projects/${PROJECT}/messages/${messageId}` });
  switch (answer.kind) {
    case 'held':
      void answer.until.then(() => {
        accept();
        answer.then();
      });
      return;
    case 'ok':
      accept();
      return;
    case 'unregistered':
      fail(response, { status: 404, name: 'NOT_FOUND', fcm: 'UNREGISTERED' });
      return;
    case 'invalid-token':
      fail(response, {
        ...{ status: 400, name: 'INVALID_ARGUMENT', fcm: 'INVALID_ARGUMENT' },
        message: 'The registration token is not a valid FCM registration token',
      });
      return;
    case 'no-permission':
      fail(response, { status: 403, name: 'PERMISSION_DENIED' });
      return;
    case 'busy':
      setRetryAfter(response, answer.retryAfter);
      fail(response, { status: 429, name: 'RESOURCE_EXHAUSTED', fcm: 'QUOTA_EXCEEDED' });
      return;
    case 'unavailable':
      setRetryAfter(response, answer.retryAfter);
      fail(response, { status: 503, name: 'UNAVAILABLE', fcm: 'UNAVAILABLE' });
      return;
    case 'reset':
      request.socket.destroy();
      return;
    case 'silence':
      return;
    default:
      answer satisfies never;
  }
}

/** Writes a response as JSON. */
export function writeJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}

interface Failure {
  readonly status: number;
  readonly name: string;
  readonly fcm?: string;
  readonly message?: string;
}

function fail(response: ServerResponse, { fcm, message, name, status }: Failure): void {
  const type = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
  const details = fcm === undefined ? [] : [{ '@type': type, errorCode: fcm }];
  writeJson(response, status, {
    error: { code: status, message: message ?? name, status: name, details },
  });
}

function setRetryAfter(response: ServerResponse, seconds: number | undefined): void {
  if (seconds !== undefined) response.setHeader('retry-after', String(seconds));
}
