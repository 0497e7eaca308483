import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { openFirebaseSender, type FirebaseOptions, type PushSender } from '@parley/messaging';

/** What the stand-in answers to one request. */
export type FcmAnswer =
  | { readonly kind: 'ok' | 'unregistered' | 'invalid-token' | 'reset' | 'silence' }
  | { readonly kind: 'busy'; readonly retryAfter?: number }
  | { readonly kind: 'unavailable'; readonly retryAfter?: number }
  | { readonly kind: 'no-permission' };

/** One message that was sent, as it came over the wire. */
export interface FcmCall {
  readonly path: string;
  readonly authorization: string | undefined;
  /** Bytes of the message without its token. */
  readonly bytes: number;
  readonly message: Readonly<Record<string, unknown>> & { readonly token: string };
}

const HOST = 'fcm.googleapis.com';
const PROJECT = 'parley-stand-in';
const LARGEST = 1024 * 1024;
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
    const token = { access_token: 'of the stand-in', expires_in: 3_600 };
    const credential = { getAccessToken: () => Promise.resolve(token) };
    return { projectId: PROJECT, credential, httpAgent };
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
    const { message } = JSON.parse(await bodyOf(request)) as Pick<FcmCall, 'message'>;
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
      case 'ok':
        write(response, 200, { name: `projects/${PROJECT}/messages/${this.#count}` });
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
  const name = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
  try {
    const files = ['-keyout', key, '-out', cert, '-days', '2'];
    await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...name, ...files]);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
