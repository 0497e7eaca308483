/** The first byte of a frame that is a whole text message (RFC 6455 §5.2). */
const FINAL_TEXT = 0x81;

/** A packet of Engine.IO with text, or without data. */
export interface TextPacket {
  readonly type: PacketType;
  readonly data?: string | undefined;
}

/** The types of packets, by the digit with which their text begins. */
const TYPES = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'] as const;
type PacketType = (typeof TYPES)[number];
const DIGIT_ZERO = 0x30;

/** Up to this many bytes, the second byte of a frame is the length; beyond it, it says how long the length is. */
const SHORT = 125;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const LARGEST_OF_TWO_BYTES = 0xffff;

/** The WebSocket frames of packets that a server sends to a client: one text frame for each, one after the other. */
export function textFrames(packets: readonly TextPacket[]): Buffer {
  const lengths = packets.map(({ data = '' }) => Buffer.byteLength(data) + 1);
  const frames = Buffer.allocUnsafe(
    lengths.reduce((sum, length) => sum + headerLength(length) + length, 0),
  );
  let at = 0;
  for (const [index, { data = '', type }] of packets.entries()) {
    const length = lengths[index] ?? 0;
    at = writeHeader(frames, at, length);
    frames[at] = DIGIT_ZERO + TYPES.indexOf(type);
    // Most texts are ASCII, which is copied as it is.
    frames.write(data, at + 1, length === data.length + 1 ? 'latin1' : 'utf8');
    at += length;
  }
  return frames;
}

/** Bytes before a payload of `length` bytes. */
function headerLength(length: number): number {
  if (length <= SHORT) return 2;
  return length <= LARGEST_OF_TWO_BYTES ? 4 : 10;
}

/** Writes the header of a frame with a payload of `length` bytes. Returns where the payload begins. */
function writeHeader(frames: Buffer, at: number, length: number): number {
  frames[at] = FINAL_TEXT;
  if (length <= SHORT) {
    frames[at + 1] = length;
    return at + 2;
  }
  if (length <= LARGEST_OF_TWO_BYTES) {
    frames[at + 1] = TWO_BYTES;
    return frames.writeUInt16BE(length, at + 2);
  }
  frames[at + 1] = EIGHT_BYTES;
  frames.writeUInt32BE(0, at + 2);
  return frames.writeUInt32BE(length, at + 6);
}
