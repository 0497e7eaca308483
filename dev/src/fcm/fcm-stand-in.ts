import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { openFirebaseSender, type FirebaseOptions, type PushSender } from '@parley/messaging';

import { respond, writeJson, type FcmAnswer } from './answers.ts';
import {
  HOST,
  makeCertificate,
  PROJECT,
  writeEnvironment,
  type Certificate,
} from './credentials.ts';

/** A request to send a message, as it was received. */
export interface FcmCall {
  readonly path: string;
  readonly authorization: string | undefined;
  /** Bytes of the message without its token. */
  readonly bytes: number;
  readonly message: Readonly<Record<string, unknown>> & { readonly token: string };
}

const SEND = /\/messages:send$/;
const LARGEST = 1024 * 1024;
const ACCESS = { access_token: 'of the stand-in', expires_in: 3_600, token_type: 'Bearer' };
const OK: FcmAnswer = { kind: 'ok' };

/**
 * Answers like the HTTP v1 API of Firebase Cloud Messaging, on this machine. An unmodified firebase-admin with the
 * options of {@link firebase} talks to it as to the original, with TLS and the original host name.
 */
export class FcmStandIn {
  /** The requests to send a message, in the order of arrival. */
  readonly calls: FcmCall[] = [];
  readonly #answers = new Map<string, FcmAnswer[]>();
  readonly #server: Server;
  readonly #certificate: Certificate;
  readonly #agents: Agent[] = [];

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

  /** Sets the answers to the next requests for a token, in this order. All later requests are accepted. */
  answer(token: string, ...answers: readonly FcmAnswer[]): void {
    this.#answers.set(token, [...(this.#answers.get(token) ?? []), ...answers]);
  }

  /** The messages that were sent to a token. */
  sentTo(token: string): FcmCall['message'][] {
    return this.calls.map(({ message }) => message).filter((message) => message.token === token);
  }

  /** Options with which firebase-admin connects to this server, whatever host it asks for. */
  firebase(): FirebaseOptions {
    const port = this.#port();
    const ca = this.#certificate.cert;
    const httpAgent = new Agent({ keepAlive: true });
    httpAgent.createConnection = () => connect({ host: '127.0.0.1', port, ca, servername: HOST });
    this.#agents.push(httpAgent);
    const credential = { getAccessToken: () => Promise.resolve(ACCESS) };
    return { projectId: PROJECT, credential, httpAgent };
  }

  /** Environment variables with which an unmodified process connects to this server. Writes files into `folder`. */
  environment(folder: string): Promise<Record<string, string>> {
    return writeEnvironment(folder, { cert: this.#certificate.cert, port: this.#port() });
  }

  /** A sender that sends to this server through the real library. */
  sender(): PushSender {
    return openFirebaseSender(this.firebase());
  }

  async close(): Promise<void> {
    for (const agent of this.#agents) agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const path = request.url ?? '';
    if (!SEND.test(path)) {
      writeJson(response, 200, ACCESS);
      return;
    }
    const { message } = JSON.parse(body) as Pick<FcmCall, 'message'>;
    const { token, ...rest } = message;
    const bytes = Buffer.byteLength(JSON.stringify(rest));
    const { authorization } = request.headers;
    const messageId = this.calls.push({ path, authorization, bytes, message });
    const answer = this.#answers.get(token)?.shift() ?? OK;
    respond(answer, { messageId, request, response });
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
