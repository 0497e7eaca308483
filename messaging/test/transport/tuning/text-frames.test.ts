import assert from 'node:assert/strict';
import * as ws from 'ws';

import { textFrames, type TextPacket } from '../../../src/transport/tuning/text-frames.ts';

/** What encodes frames in the WebSocket library. Its types do not declare it. */
const { Sender } = ws as unknown as {
  readonly Sender: { frame(data: Buffer, options: object): Buffer[] };
};

/** The first character of each packet: version 4 of the protocol of Engine.IO. */
const DIGITS = { open: 0, close: 1, ping: 2, pong: 3, message: 4, upgrade: 5, noop: 6 };

/** The frame that the WebSocket library makes of a packet. */
function frameOf({ data = '', type }: TextPacket): Buffer {
  const text = `${DIGITS[type]}${data}`;
  const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true };
  return Buffer.concat(Sender.frame(Buffer.from(text), options));
}

describe('the frames of packets', () => {
  const lengths = [0, 1, 123, 124, 125, 126, 127, 65_533, 65_534, 65_535, 65_536, 200_000];
  for (const length of lengths) {
    it(`are those of the WebSocket library with ${length} characters, of one byte or more`, () => {
      for (const character of ['a', 'é', '中', '🦊'.slice(0, 1)]) {
        const packet = { type: 'message', data: character.repeat(length) } as const;
        assert.ok(textFrames([packet]).equals(frameOf(packet)), character);
      }
    });
  }

  it('follow each other in one buffer, of all types', () => {
    const packets: TextPacket[] = [
      { type: 'open', data: '{}' },
      { type: 'message', data: '2["entry",{"text":"Grüße 🦊"}]' },
      { type: 'ping' },
      { type: 'message', data: 'x'.repeat(126) },
      { type: 'pong', data: 'probe' },
      { type: 'upgrade' },
      { type: 'noop' },
      { type: 'close' },
    ];
    assert.ok(textFrames(packets).equals(Buffer.concat(packets.map(frameOf))));
  });
});
