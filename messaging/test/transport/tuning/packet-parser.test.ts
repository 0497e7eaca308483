import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Encoder, PacketType, type Packet } from 'socket.io-parser';

import { packetParser } from '../../../src/transport/tuning/packet-parser.ts';

const stock = new Encoder();
const own = new packetParser.Encoder();

const anyId = fc.option(fc.nat(), { nil: undefined });
const anyEvent = fc.tuple(fc.constantFrom('entry', 'typing'), fc.jsonValue());

function isSame(packet: Packet): void {
  const expected = stock.encode(packet);
  assert.deepEqual(own.encode(packet), expected);
  // The text that was kept from the first time is the same.
  assert.deepEqual(own.encode(packet), expected);
}

describe('packets', () => {
  it('are encoded as socket.io-parser encodes them', () => {
    fc.assert(
      fc.property(anyId, anyEvent, fc.jsonValue(), (id, event, answer) => {
        const nsp = '/';
        isSame({ type: PacketType.EVENT, nsp, data: event, ...(id === undefined ? {} : { id }) });
        isSame({ type: PacketType.ACK, nsp, id: id ?? 0, data: [{ ok: true, data: answer }] });
        isSame({ type: PacketType.ACK, nsp, id: id ?? 0, data: [answer] });
        isSame({ type: PacketType.ACK, nsp, id: id ?? 0, data: [] });
      }),
    );
  });

  it('are encoded alike when an entry is sent as an event and then as an acknowledgement', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (entry) => {
        isSame({ type: PacketType.EVENT, nsp: '/', data: ['entry', entry] });
        isSame({ type: PacketType.ACK, nsp: '/', id: 1, data: [{ ok: true, data: entry }] });
      }),
    );
  });

  it('of other types are left to socket.io-parser', () => {
    isSame({ type: PacketType.CONNECT, nsp: '/', data: { sid: 's' } });
    isSame({ type: PacketType.CONNECT_ERROR, nsp: '/', data: { message: 'no' } });
    isSame({ type: PacketType.DISCONNECT, nsp: '/' });
    isSame({ type: PacketType.EVENT, nsp: '/other', data: ['entry', {}] });
  });
});
