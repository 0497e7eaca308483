import { connect, type Socket } from 'node:net';

/** The callbacks of a connection. */
export interface FrameSocketOptions {
  /** `http://host:port/path?query`. */
  readonly url: string;
  /** The address to connect from; default: what the system chooses. */
  readonly localAddress?: string | undefined;
  readonly onText: (text: string) => void;
  /** Called once when the connection has ended, whichever side ended it; with the reason if there is one. */
  readonly onClose: (error: Error | undefined) => void;
}

/** All sockets read into this one buffer: each read is processed before the next. */
const readBuffer = Buffer.allocUnsafe(64 * 1024);

/** A mask other than zero, so that servers do the same work as for a browser. */
const MASK = [0x5a, 0xc3, 0x96, 0x0f] as const;
const HEADER_END = '\r\n\r\n';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/**
 * The client's end of a WebSocket (RFC 6455) for measuring: whole text frames, no compression, no check of the server's
 * answer beyond its status. It does not use Node's streams, which would cost more CPU than the measured server.
 */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #options: FrameSocketOptions;
  #open = false;
  #rest: Buffer | undefined;
  #error: Error | undefined;

  constructor(options: FrameSocketOptions) {
    const { hostname, host, port, pathname, search } = new URL(options.url);
    this.#options = options;
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      onread: { buffer: readBuffer, callback: (length) => this.#read(length) },
    });
    this.#socket.on('error', (error) => (this.#error = error));
    this.#socket.once('end', () => this.#socket.destroy());
    this.#socket.once('close', () => options.onClose(this.#error));
    const request = [
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    this.#socket.write(request.join('\r\n') + HEADER_END);
  }

  /** Sends a text frame. Does nothing after the end of the connection. */
  send(text: string): void {
    const length = Buffer.byteLength(text);
    const { frame, start } = this.#frame(TEXT, length);
    frame.write(text, start, 'utf8');
    this.#write(frame, start);
  }

  /** Bytes that the connection has not taken yet. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  /** Reads nothing any more. */
  pause(): void {
    this.#socket.pause();
  }

  /** Ends the connection at once. */
  destroy(error?: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  #frame(opcode: number, length: number): { frame: Buffer; start: number } {
    const start = length < 126 ? 6 : length < 65_536 ? 8 : 14;
    const frame = Buffer.allocUnsafe(start + length);
    frame[0] = 0x80 | opcode;
    if (start === 6) frame[1] = 0x80 | length;
    else if (start === 8) {
      frame[1] = 0x80 | 126;
      frame.writeUInt16BE(length, 2);
    } else {
      frame[1] = 0x80 | 127;
      frame.writeBigUInt64BE(BigInt(length), 2);
    }
    for (let index = 0; index < 4; index += 1) frame[start - 4 + index] = MASK[index & 3] ?? 0;
    return { frame, start };
  }

  #write(frame: Buffer, start: number): void {
    for (let index = start; index < frame.length; index += 1) {
      frame[index] = (frame[index] ?? 0) ^ (MASK[(index - start) & 3] ?? 0);
    }
    if (!this.#socket.destroyed) this.#socket.write(frame);
  }

  #read(length: number): boolean {
    const fresh = readBuffer.subarray(0, length);
    const data = this.#rest === undefined ? fresh : Buffer.concat([this.#rest, fresh]);
    const used = this.#open ? this.#readFrames(data, 0) : this.#readAnswer(data);
    this.#rest = used === data.length ? undefined : Buffer.from(data.subarray(used));
    return true;
  }

  #readAnswer(data: Buffer): number {
    const end = data.indexOf(HEADER_END);
    if (end === -1) return 0;
    const status = data.toString('latin1', 0, data.indexOf('\r\n'));
    if (!status.startsWith('HTTP/1.1 101 ')) this.destroy(new Error(`No WebSocket: ${status}`));
    this.#open = true;
    return this.#readFrames(data, end + HEADER_END.length);
  }

  /** Reads all complete frames from `offset` on; returns where the first incomplete frame begins. */
  #readFrames(data: Buffer, offset: number): number {
    for (let at = offset; ;) {
      if (data.length < at + 2) return at;
      let start = at + 2;
      let length = (data[at + 1] ?? 0) & 0x7f;
      if (length === 126) {
        if (data.length < at + 4) return at;
        length = data.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) {
        if (data.length < at + 10) return at;
        length = Number(data.readBigUInt64BE(at + 2));
        start = at + 10;
      }
      if (data.length < start + length) return at;
      this.#take(data[at] ?? 0, data.subarray(start, start + length));
      at = start + length;
    }
  }

  #take(first: number, payload: Buffer): void {
    switch (first) {
      case 0x80 | TEXT:
        this.#options.onText(payload.toString('utf8'));
        return;
      case 0x80 | PING: {
        const { frame, start } = this.#frame(PONG, payload.length);
        payload.copy(frame, start);
        this.#write(frame, start);
        return;
      }
      case 0x80 | CLOSE:
        this.destroy();
        return;
      default:
        this.destroy(new Error(`A frame of a kind that is not read here: ${first}`));
    }
  }
}
