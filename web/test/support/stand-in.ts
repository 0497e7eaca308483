import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as a service received it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Behaviour = (received: Received, response: ServerResponse) => void | Promise<void>;

/** A server in the place of a service. It records requests and answers them as the test defines. */
export class StandIn {
  readonly server: Server;
  readonly received: Received[] = [];
  /** Whether it accepts connections and answers nothing, as a process that was stopped. */
  isFrozen = false;
  #behaviour: Behaviour = (_received, response) => answerJson(response, 200, { ok: true });
  readonly #connections = new Set<Socket>();
  #port = 0;

  constructor() {
    this.server = createServer((request, response) => void this.#handle(request, response));
    this.server.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The last request, health checks aside. */
  get last(): Received {
    const last = this.received.at(-1);
    if (last === undefined) throw new Error('Nothing was received');
    return last;
  }

  answers(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  /** Listens; after a {@link stop} on the port that it had. */
  async start(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.server.address() as AddressInfo).port;
    return this;
  }

  /** Stops listening and closes every connection. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise((resolve) => {
      this.server.close(resolve);
      for (const socket of this.#connections) socket.destroy();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await buffer(request)).toString();
    const { headers, method = '', url = '' } = request;
    const received = { method, url, headers, body };
    if (this.isFrozen) {
      this.received.push(received);
      return;
    }
    if (url === '/readyz' || url === '/healthz') {
      answerJson(response, 200, { ok: true });
      return;
    }
    this.received.push(received);
    await this.#behaviour(received, response);
  }
}

export function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function answerProblem(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ code }));
}
