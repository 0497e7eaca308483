import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { openFirebaseSender, type FirebaseOptions, type PushSender } from '@parley/messaging';
import { processEnvironment } from './config.ts';
import { systemEnvironment } from './processes/child-environment.ts';

/** What the stand-in answers to one request. `held` waits, answers well, and calls back in the same moment. */
export type FcmAnswer =
  | { readonly kind: 'ok' | 'unregistered' | 'invalid-token' | 'reset' | 'silence' }
  | { readonly kind: 'busy'; readonly retryAfter?: number }
  | { readonly kind: 'unavailable'; readonly retryAfter?: number }
  | { readonly kind: 'no-permission' }
  | { readonly kind: 'held'; readonly until: Promise<void>; readonly then: () => void };

/** One message that was sent, as it came over the wire. */
export interface FcmCall {
  readonly path: string;
  readonly authorization: string | undefined;
  /** Bytes of the message without its token. */
  readonly bytes: number;
  readonly message: Readonly<Record<string, unknown>> & { readonly token: string };
}

const HOST = 'fcm.googleapis.com';
const HOSTS = '*.googleapis.com';
const SEND = /\/messages:send$/;
const PROJECT = 'parley-stand-in';
const LARGEST = 1024 * 1024;
const ACCESS = { access_token: 'of the stand-in', expires_in: 3_600, token_type: 'Bearer' };
const OK: FcmAnswer = { kind: 'ok' };

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * Answers like the HTTP v1 API of Firebase Cloud Messaging, on this machine: an unmodified firebase-admin that is given
 * {@link firebase} speaks to it as to the original, TLS and host name included.
 */
export class FcmStandIn {
  /** Every message that was asked to be sent, in the order of arrival. */
  readonly calls: FcmCall[] = [];
  readonly #answers = new Map<string, FcmAnswer[]>();
  readonly #server: Server;
  readonly #certificate: Certificate;
  readonly #agents: Agent[] = [];
  #count = 0;

  private constructor(certificate: Certificate) {
    this.#certificate = certificate;
    this.#server = createServer(certificate, (request, response) => {
      this.#take(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port of 127.0.0.1. @throws when `openssl` is not on PATH */
  static async start(): Promise<FcmStandIn> {
    const standIn = new FcmStandIn(await makeCertificate());
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  /** Answers the next requests about a token in this way, one after the other; then all is well again. */
  answer(token: string, ...answers: readonly FcmAnswer[]): void {
    this.#answers.set(token, [...(this.#answers.get(token) ?? []), ...answers]);
  }

  /** What was sent to a token. */
  sentTo(token: string): FcmCall['message'][] {
    return this.calls.map(({ message }) => message).filter((message) => message.token === token);
  }

  /** What makes firebase-admin speak to this. Every connection goes here, whatever host it is meant for. */
  firebase(): FirebaseOptions {
    const { port } = this.#server.address() as AddressInfo;
    const ca = this.#certificate.cert;
    const httpAgent = new Agent({ keepAlive: true });
    httpAgent.createConnection = () => connect({ host: '127.0.0.1', port, ca, servername: HOST });
    this.#agents.push(httpAgent);
    const credential = { getAccessToken: () => Promise.resolve(ACCESS) };
    return { projectId: PROJECT, credential, httpAgent };
  }

  /**
   * What makes processes speak to this that know nothing of it: a service account, and connections to Google that end
   * here. Files for it are written into `folder`.
   */
  async environment(folder: string): Promise<Record<string, string>> {
    const [ca, account, redirect] = ['fcm-ca.pem', 'fcm-account.json', 'fcm-redirect.mjs'].map(
      (name) => join(folder, name),
    ) as [string, string, string];
    const { port } = this.#server.address() as AddressInfo;
    await writeFile(ca, this.#certificate.cert);
    await writeFile(account, JSON.stringify(makeServiceAccount()), { mode: 0o600 });
    await writeFile(redirect, redirectTo(port));
    return {
      GOOGLE_APPLICATION_CREDENTIALS: account,
      NODE_EXTRA_CA_CERTS: ca,
      NODE_OPTIONS: `--import ${pathToFileURL(redirect).href}`,
    };
  }

  /** What sends through the real library to this. */
  sender(): Promise<PushSender> {
    return openFirebaseSender(this.firebase());
  }

  async close(): Promise<void> {
    for (const agent of this.#agents) agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (!SEND.test(request.url ?? '')) {
      write(response, 200, ACCESS);
      return;
    }
    const { message } = JSON.parse(body) as Pick<FcmCall, 'message'>;
    const { token, ...rest } = message;
    const bytes = Buffer.byteLength(JSON.stringify(rest));
    const { authorization } = request.headers;
    this.calls.push({ path: request.url ?? '', authorization, bytes, message });
    this.#count += 1;
    const answer = this.#answers.get(token)?.shift() ?? OK;
    this.#respond(answer, request, response);
  }

  #respond(answer: FcmAnswer, request: IncomingMessage, response: ServerResponse): void {
    switch (answer.kind) {
      case 'held':
        void answer.until.then(() => {
          this.#accept(response);
          answer.then();
        });
        return;
      case 'ok':
        this.#accept(response);
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
        later(response, answer.retryAfter);
        fail(response, { status: 429, name: 'RESOURCE_EXHAUSTED', fcm: 'QUOTA_EXCEEDED' });
        return;
      case 'unavailable':
        later(response, answer.retryAfter);
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

  #accept(response: ServerResponse): void {
    write(response, 200, { name: `projects/${PROJECT}/messages/${this.#count}` });
  }
}

/** A service account as the console of Firebase gives it, of a key that nobody else knows. */
function makeServiceAccount(): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return {
    type: 'service_account',
    project_id: PROJECT,
    private_key_id: 'of-the-stand-in',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: `parley@${PROJECT}.iam.gserviceaccount.com`,
    client_id: '1',
    token_uri: 'https://oauth2.googleapis.com/token',
  };
}

/** A module that lets TLS connections to Google end at a port of this machine; host names are checked as ever. */
function redirectTo(port: number): string {
  return `import tls from 'node:tls';
const { connect } = tls;
tls.connect = (...args) => {
  const [options] = args;
  const host = options?.servername ?? options?.host ?? '';
  if (typeof host !== 'string' || !host.endsWith('.googleapis.com')) return connect(...args);
  return connect({ ...options, host: '127.0.0.1', port: ${port}, servername: host }, ...args.slice(1));
};
`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > LARGEST) throw new Error('The body is too large');
  }
  return body;
}

function later(response: ServerResponse, retryAfter: number | undefined): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
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
  write(response, status, {
    error: { code: status, message: message ?? name, status: name, details },
  });
}

function write(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}

/** A certificate for Firebase's host, made for this run and known to nobody else. */
async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-fcm-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const name = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOSTS}`];
  try {
    const files = ['-keyout', key, '-out', cert, '-days', '2'];
    await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...name, ...files], {
      env: systemEnvironment(processEnvironment()),
    });
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
