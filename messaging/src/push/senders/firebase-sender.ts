import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent } from 'node:https';
import { SECOND } from '@parley/common';
import { cert, deleteApp, initializeApp, type Credential } from 'firebase-admin/app';
import { getMessaging } from 'firebase-admin/messaging';

import { toMessage } from './payload.ts';
import type { PushOutcome, PushSender } from '../ports.ts';

/** Where pushes are handed to Firebase. */
export interface FirebaseOptions {
  /** Path of a service account's JSON, or what gives access tokens. */
  readonly credential: string | Credential;
  readonly projectId?: string;
  /** How connections are made; default: kept alive, 20 at most. */
  readonly httpAgent?: Agent;
}

/** What the answer to one request said beside its body, of which the library keeps nothing. */
interface Told {
  retryAfter?: string | undefined;
}

const CONNECTIONS = 20;
const REQUEST_STARTS = 'http.client.request.start';
/** Codes that speak of the token: Firebase does not know it, or not any more. */
const DEAD = new Set([
  'messaging/registration-token-not-registered',
  'messaging/invalid-registration-token',
]);
/** Codes that may be otherwise later, those of a project that is not set up rightly among them; what else fails is refused. */
const LATER = new Set([
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

let made = 0;

/** Sends pushes through Firebase, one request a device. @throws when the service account cannot be read */
export function createFirebaseSender(options: FirebaseOptions): PushSender {
  const { credential, projectId } = options;
  const httpAgent =
    options.httpAgent ?? new Agent({ keepAlive: true, maxSockets: CONNECTIONS, timeout: 30_000 });
  made += 1;
  const app = initializeApp(
    {
      credential: typeof credential === 'string' ? cert(credential) : credential,
      httpAgent,
      ...(projectId === undefined ? {} : { projectId }),
    },
    `parley-${made}`,
  );
  const messaging = getMessaging(app);
  const requests = new AsyncLocalStorage<Told>();
  const listen = (message: unknown) => {
    const told = requests.getStore();
    if (told === undefined) return;
    (message as { request: ClientRequest }).request.once('response', (answer: IncomingMessage) => {
      told.retryAfter = answer.headers['retry-after'];
    });
  };
  subscribe(REQUEST_STARTS, listen);
  return {
    reaches: true,
    async send(push) {
      const told: Told = {};
      try {
        const message = { ...toMessage(push), token: push.token };
        await requests.run(told, () => messaging.send(message));
        return { kind: 'sent' };
      } catch (error) {
        return outcomeOf(error, told);
      }
    },
    async close() {
      unsubscribe(REQUEST_STARTS, listen);
      await deleteApp(app);
      httpAgent.destroy();
    },
  };
}

function outcomeOf(error: unknown, { retryAfter }: Told): PushOutcome {
  const { code = 'unknown', message = '' } = error as { code?: string; message?: string };
  if (DEAD.has(code)) return { kind: 'dead' };
  // Firebase says so of a token that it cannot read, and of a payload that it does not take.
  if (code === 'messaging/invalid-argument' && /registration token/i.test(message)) {
    return { kind: 'dead' };
  }
  if (!LATER.has(code)) return { kind: 'refused', code };
  const retryAfterMs = toMilliseconds(retryAfter);
  return { kind: 'later', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** `Retry-After` as HTTP has it: seconds, or a date. */
function toMilliseconds(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * SECOND : Date.parse(header) - Date.now();
  return ms > 0 ? ms : undefined;
}
