import { FrameSocket } from './frame-socket.ts';
import { type PayloadParser } from './payload-parser.ts';

/** Acknowledges an event. */
export type Reply = (...answer: unknown[]) => void;
export type EventListener = (payload: unknown, reply: Reply | undefined) => void;

/** Where to connect, and the listeners for the server's events. */
export interface ThinClientOptions {
  /** `http://host:port` of the Socket.IO server. */
  readonly url: string;
  readonly auth: Readonly<Record<string, unknown>>;
  /** The address to connect from; default: what the system chooses. */
  readonly localAddress?: string | undefined;
  /** By event name. Given at the start, so that no event is missed. Other events are ignored. */
  readonly events: Readonly<Record<string, EventListener>>;
  /** Shared by all clients that may receive copies of one broadcast. */
  readonly parser: PayloadParser;
}

/** The server refused the handshake, or the connection ended before the server answered. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

interface Opening {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A Socket.IO client with little more than the wire format: Engine.IO 4 over WebSocket, Socket.IO 5, the main namespace,
 * text packets, events and acknowledgements in both directions, no reconnect. `socket.io-client` would use more CPU
 * than the servers that are measured with it.
 * Formats: https://github.com/socketio/engine.io-protocol and https://github.com/socketio/socket.io-protocol
 */
export class ThinClient {
  readonly #socket: FrameSocket;
  readonly #events: ReadonlyMap<string, EventListener>;
  readonly #acks = new Map<number, (answer: unknown) => void>();
  readonly #opening: Opening;
  readonly #auth: string;
  readonly #parser: PayloadParser;
  #nextAck = 0;

  /** Settles when the connection has ended, whichever side ended it. */
  readonly closed: Promise<void>;

  private constructor(options: ThinClientOptions, opening: Opening) {
    this.#opening = opening;
    this.#auth = JSON.stringify(options.auth);
    this.#parser = options.parser;
    this.#events = new Map(Object.entries(options.events));
    let close: () => void = () => undefined;
    this.closed = new Promise((resolve) => (close = resolve));
    this.#socket = new FrameSocket({
      url: `${options.url}/socket.io/?EIO=4&transport=websocket`,
      localAddress: options.localAddress,
      onText: (text) => this.#receive(text),
      onClose: (error) => {
        this.#opening.reject(error ?? new RefusedError('The connection was closed'));
        close();
      },
    });
  }

  /** Connects and waits until the server has accepted the handshake. @throws RefusedError */
  static async connect(options: ThinClientOptions): Promise<ThinClient> {
    let client: ThinClient | undefined;
    await new Promise<void>((resolve, reject) => {
      client = new ThinClient(options, { resolve, reject });
    });
    return client as ThinClient;
  }

  /** Sends an event without an acknowledgement. */
  emit(name: string, payload: unknown): void {
    this.#socket.send(`42${JSON.stringify([name, payload])}`);
  }

  /** Sends an event; `onAnswer` gets the first argument of the acknowledgement, if one arrives. */
  call(name: string, payload: unknown, onAnswer: (answer: unknown) => void): void {
    const id = this.#nextAck;
    this.#nextAck += 1;
    this.#acks.set(id, onAnswer);
    this.#socket.send(`42${id}${JSON.stringify([name, payload])}`);
  }

  /** Sends an event and waits for the acknowledgement. Rejects if the connection ends first. */
  async request(name: string, payload: unknown): Promise<unknown> {
    const answer = new Promise<unknown>((resolve) => this.call(name, payload, resolve));
    const lost = this.closed.then(() => {
      throw new RefusedError(`The connection was closed before ${name} was answered`);
    });
    return Promise.race([answer, lost]);
  }

  /** Bytes that the connection has not taken yet. */
  get unsent(): number {
    return this.#socket.unsent;
  }

  /** Reads nothing any more, as a client that hangs. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Closes the connection without notifying the server, and waits until it is closed. */
  async close(): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  #receive(text: string): void {
    switch (text.charCodeAt(0)) {
      case 0x34: // message
        this.#receivePacket(text);
        return;
      case 0x32: // ping
        this.#socket.send('3');
        return;
      case 0x30: // open
        this.#socket.send(`40${this.#auth}`);
        return;
      case 0x31: // close
        this.#socket.destroy();
        return;
    }
  }

  #receivePacket(text: string): void {
    switch (text.charCodeAt(1)) {
      case 0x32: // event
        this.#receiveEvent(text);
        return;
      case 0x33: // acknowledgement
        this.#receiveAck(text);
        return;
      case 0x30: // connected
        this.#opening.resolve();
        return;
      case 0x34: // refused
        this.#opening.reject(new RefusedError(text.slice(2)));
        this.#socket.destroy();
        return;
      case 0x31: // disconnected
        this.#socket.destroy();
        return;
    }
  }

  #receiveEvent(text: string): void {
    const start = text.indexOf('[');
    const [name, payload] = this.#parser.parse(text.slice(start));
    const listener = this.#events.get(name as string);
    if (listener === undefined) return;
    const id = text.slice(2, start);
    listener(payload, id === '' ? undefined : (...answer) => this.#reply(id, answer));
  }

  #receiveAck(text: string): void {
    const start = text.indexOf('[');
    const id = Number(text.slice(2, start));
    const onAnswer = this.#acks.get(id);
    this.#acks.delete(id);
    onAnswer?.((JSON.parse(text.slice(start)) as unknown[])[0]);
  }

  #reply(id: string, answer: unknown[]): void {
    this.#socket.send(`43${id}${JSON.stringify(answer)}`);
  }
}
