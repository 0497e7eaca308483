import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** `silent`: connections are accepted and nothing passes, as with a process that is stopped or a network that drops. */
export type Failure = 'none' | 'silent' | 'refusing';

/** A TCP proxy that can fail as a server or its network does. */
export class FailingProxy {
  readonly #server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #open = new Set<Socket>();
  #failure: Failure = 'none';

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(target: { readonly host: string; readonly port: number }) {
    const proxy = new FailingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Fails from now on, or works again. A connection that was silent does not recover. */
  fail(failure: Failure): void {
    if (failure === 'refusing' || this.#failure === 'silent') this.#cut();
    this.#failure = failure;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#cut();
    await closed;
  }

  #accept(client: Socket): void {
    this.#watch(client);
    if (this.#failure === 'refusing') client.destroy();
    if (this.#failure === 'silent') client.resume();
    if (this.#failure !== 'none') return;
    const target = connect(this.#target.port, this.#target.host);
    this.#watch(target);
    client.on('data', (chunk) => this.#pass(chunk, target));
    target.on('data', (chunk) => this.#pass(chunk, client));
    client.once('close', () => target.destroy());
    target.once('close', () => client.destroy());
  }

  #pass(chunk: Buffer, to: Socket): void {
    if (this.#failure === 'none') to.write(chunk);
  }

  #watch(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#open.delete(socket));
  }

  #cut(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
