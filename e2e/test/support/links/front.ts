import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a proxy does with upgrades: it forwards them, refuses them, never answers, or handles them as ordinary requests. */
export type Upgrades = 'passed' | 'refused' | 'hanging' | 'stripped';

interface FrontOptions {
  /** The address that it listens on. Default 127.0.0.1. */
  readonly host?: string;
  /** Whether it replaces the `Host` of the browser by its own upstream address, as many proxies do by default. */
  readonly hidesHost?: boolean;
}

/** An HTTP proxy in front of the web service, such as that of a company, a hotel or an operator, on a port of its own. */
export class Front {
  upgrades: Upgrades = 'passed';
  /** The value that it adds as `X-Forwarded-For`; some proxies include the port of the client. Empty: none. */
  forwardedFor = '';
  readonly #options: FrontOptions;
  readonly #server = createServer((asked, answer) => this.#pass(asked, answer));
  readonly #tunnels = new Set<Duplex>();
  #target = 0;

  private constructor(options: FrontOptions) {
    this.#options = options;
    this.#server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(asked, { socket, head });
    });
  }

  static async open(options: FrontOptions = {}): Promise<Front> {
    const front = new Front(options);
    front.#server.listen(0, options.host ?? '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Directs requests to this service. Call it once the service runs. */
  leadTo(origin: string): void {
    this.#target = Number(new URL(origin).port);
  }

  /** Changes what happens to upgrades from now on, and closes open WebSockets. */
  treatUpgrades(how: Upgrades): void {
    this.upgrades = how;
    for (const socket of this.#tunnels) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#tunnels) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #headersOf({ headers }: IncomingMessage): Record<string, string | string[] | undefined> {
    return {
      ...headers,
      ...(this.#options.hidesHost === true ? { host: `127.0.0.1:${this.#target}` } : {}),
      ...(this.forwardedFor === '' ? {} : { 'x-forwarded-for': this.forwardedFor }),
    };
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const headers = { ...this.#headersOf(asked), connection: 'keep-alive' };
    const { method, url: path } = asked;
    const inner = request({ host: '127.0.0.1', port: this.#target, method, path, headers });
    inner.on('response', (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    inner.on('error', () => answer.destroy());
    answer.on('close', () => inner.destroy());
    asked.pipe(inner);
  }

  #upgrade(asked: IncomingMessage, { socket, head }: { socket: Duplex; head: Buffer }): void {
    this.#tunnels.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#tunnels.delete(socket));
    switch (this.upgrades) {
      case 'hanging':
        return;
      case 'refused':
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
        return;
      case 'stripped':
        this.#tunnel(asked, { socket, head, without: ['upgrade', 'connection'] });
        return;
      case 'passed':
        this.#tunnel(asked, { socket, head, without: [] });
    }
  }

  #tunnel(
    asked: IncomingMessage,
    { head, socket, without }: { socket: Duplex; head: Buffer; without: readonly string[] },
  ): void {
    const inner = connect(this.#target, '127.0.0.1');
    const lines = Object.entries(this.#headersOf(asked))
      .filter(([name]) => !without.includes(name))
      .map(([name, value]) => `${name}: ${String(value)}`);
    inner.write(`GET ${asked.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    inner.write(head);
    inner.on('error', () => socket.destroy());
    inner.on('close', () => socket.destroy());
    socket.on('close', () => inner.destroy());
    inner.pipe(socket);
    socket.pipe(inner);
  }
}
