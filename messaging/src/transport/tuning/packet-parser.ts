import type { EventPayload } from '@parley/common/contract';
import { Decoder, Encoder, PacketType, type Packet } from 'socket.io-parser';

/** The JSON of an object that is sent more than once, kept on the object: a map would cost as much as it saves. */
const TEXT = Symbol('text');

interface Kept {
  [TEXT]?: string | undefined;
}

/**
 * Encodes packets as `socket.io-parser` does, for a service that sends nothing but JSON: it does not search packets for
 * binary data, and encodes an entry once that is sent both as an event and as an acknowledgement.
 */
class PacketEncoder extends Encoder {
  override encode(packet: Packet): unknown[] {
    const { id, nsp, type } = packet;
    const data: unknown = packet.data;
    if (nsp !== '/' || !Array.isArray(data)) return super.encode(packet);
    if (type === PacketType.EVENT) return [`2${id ?? ''}${textOfEvent(data)}`];
    if (type === PacketType.ACK) return [`3${id ?? ''}${textOfAck(data)}`];
    return super.encode(packet);
  }
}

function textOfEvent(data: readonly unknown[]): string {
  const [name, payload] = data;
  if (data.length !== 2 || !isObject(payload)) return JSON.stringify(data);
  if (name === 'entry') payload[TEXT] ??= JSON.stringify(payload);
  const text = payload[TEXT];
  return text === undefined ? JSON.stringify(data) : `["${String(name)}",${text}]`;
}

function textOfAck(data: readonly unknown[]): string {
  const [answer] = data;
  if (data.length !== 1 || !isAnswer(answer)) return JSON.stringify(data);
  const text = isObject(answer.data) ? answer.data[TEXT] : undefined;
  return text === undefined ? JSON.stringify(data) : `[{"ok":true,"data":${text}}]`;
}

function isAnswer(value: unknown): value is { readonly data: unknown } {
  return isObject(value) && 'ok' in value && value.ok === true && 'data' in value;
}

function isObject(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null;
}

/** The tuned way: a page that is JSON text already is sent as it is. */
export function encodedPage(json: string): EventPayload<'sync:page'> {
  return { [TEXT]: json } as Kept as EventPayload<'sync:page'>;
}

/** The plain way: a page is an object, which the standard encoder writes. */
export function parsedPage(json: string): EventPayload<'sync:page'> {
  return JSON.parse(json) as EventPayload<'sync:page'>;
}

/** The `parser` option of a Socket.IO server; every Socket.IO client reads its packets. */
export const packetParser = { Encoder: PacketEncoder, Decoder };
