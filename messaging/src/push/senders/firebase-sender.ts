import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent } from 'node:https';
import { SECOND } from '@parley/common';
import { cert, deleteApp, initializeApp, type Credential } from 'firebase-admin/app';
import { getMessaging } from 'firebase-admin/messaging';

import { toMessage } from './payload.ts';
import type { PushOutcome, PushSender } from '../ports.ts';

/** How pushes are sent to Firebase. */
export interface FirebaseOptions {
  /** Path of the JSON file of a service account, or a source of access tokens. */
  readonly credential: string | Credential;
  readonly projectId?: string;
  /** Connections that are kept alive; each serves one push at a time. Default: 20. */
  readonly connections?: number;
  /** Default: an agent with that many connections. */
  readonly httpAgent?: Agent;
}

/** A header of the response to one request, which the library does not expose. */
interface ResponseHeaders {
  retryAfter?: string | undefined;
}

const REQUEST_STARTS = 'http.client.request.start';
/** Error codes of a token that Firebase does not know, or no longer knows. */
const INVALID_TOKEN = new Set([
  'messaging/registration-token-not-registered',
  'messaging/invalid-registration-token',
]);
/** Error codes after which a retry may succeed, including those of a project that is not set up correctly. */
const RETRYABLE = new Set([
  'messaging/mismatched-credential',
  'messaging/message-rate-exceeded',
  'messaging/device-message-rate-exceeded',
  'messaging/server-unavailable',
  'messaging/internal-error',
  'messaging/unknown-error',
  'messaging/third-party-auth-error',
  'messaging/authentication-error',
  'app/network-error',
  'app/network-timeout',
  'app/invalid-credential',
  'app/internal-error',
]);

/** Sends pushes through Firebase, with one request per device. @throws when the service account cannot be read */
export function createFirebaseSender(options: FirebaseOptions): PushSender {
  const { connections = 20, credential, projectId } = options;
  const httpAgent =
    options.httpAgent ?? new Agent({ keepAlive: true, maxSockets: connections, timeout: 30_000 });
  const app = initializeApp(
    {
      credential: typeof credential === 'string' ? cert(credential) : credential,
      httpAgent,
      ...(projectId === undefined ? {} : { projectId }),
    },
    `parley-${randomUUID()}`,
  );
  const messaging = getMessaging(app);
  const requests = new AsyncLocalStorage<ResponseHeaders>();
  const listen = (message: unknown) => {
    const headers = requests.getStore();
    if (headers === undefined) return;
    (message as { request: ClientRequest }).request.once('response', (answer: IncomingMessage) => {
      headers.retryAfter = answer.headers['retry-after'];
    });
  };
  subscribe(REQUEST_STARTS, listen);
  return {
    isConfigured: true,
    async send(push) {
      const headers: ResponseHeaders = {};
      try {
        const message = { ...toMessage(push), token: push.token };
        await requests.run(headers, () => messaging.send(message));
        return { kind: 'sent' };
      } catch (error) {
        return outcomeOf(error, headers);
      }
    },
    async close() {
      unsubscribe(REQUEST_STARTS, listen);
      await deleteApp(app);
      httpAgent.destroy();
    },
  };
}

function outcomeOf(error: unknown, { retryAfter }: ResponseHeaders): PushOutcome {
  const { code = 'unknown', message = '' } = error as { code?: string; message?: string };
  if (INVALID_TOKEN.has(code)) return { kind: 'dead' };
  // Firebase uses this code for a malformed token and for an invalid payload; only the message distinguishes them.
  if (code === 'messaging/invalid-argument' && /registration token/i.test(message)) {
    return { kind: 'dead' };
  }
  if (!RETRYABLE.has(code)) return { kind: 'refused', code };
  const retryAfterMs = toMilliseconds(retryAfter);
  return { kind: 'later', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Parses `Retry-After`, which is a number of seconds or a date. */
function toMilliseconds(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * SECOND : Date.parse(header) - Date.now();
  return ms > 0 ? ms : undefined;
}
