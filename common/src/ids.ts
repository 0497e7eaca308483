/** Where randomness comes from: fills the array and returns it (`crypto.getRandomValues`). */
export type RandomBytes = (into: Uint8Array<ArrayBuffer>) => Uint8Array;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Matches a UUIDv7 in its canonical lower-case form. */
export const ID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Matches what a client may give as the key of one request: 1–64 of `[A-Za-z0-9_-]`. */
export const CLIENT_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/** Makes ids: UUIDv7 strings that rise within one generator, also within a millisecond (RFC 9562 §6.2, method 1). */
export function createIdGenerator(now: () => number, random: RandomBytes): () => string {
  const bytes = new Uint8Array(16);
  const pool = new Uint8Array(1024);
  let used = pool.length;
  let lastTime = 0;
  let counter = 0;

  return () => {
    if (used + 8 > pool.length) {
      random(pool);
      used = 0;
    }
    const time = Math.max(Math.floor(now()), lastTime);
    counter =
      time === lastTime ? counter + 1 : ((pool[used] ?? 0) << 3) | ((pool[used + 1] ?? 0) & 7);
    lastTime = counter > 0xfff ? time + 1 : time;
    if (counter > 0xfff) counter = 0;

    let rest = lastTime;
    for (let index = 5; index >= 0; index -= 1) {
      bytes[index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    bytes[6] = 0x70 | (counter >> 8);
    bytes[7] = counter & 0xff;
    for (let index = 0; index < 8; index += 1) bytes[8 + index] = pool[used + index] ?? 0;
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    used += 8;
    return format(bytes);
  };
}

/** The time in an id, in milliseconds since the epoch. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The smallest id that can have been made at `time` (milliseconds since the epoch) or later. */
export function lowestIdAt(time: number): string {
  const hex = Math.max(0, Math.floor(time)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Whether a string is an id of ours. */
export function isId(value: string): boolean {
  return ID_PATTERN.test(value);
}

function format(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += HEX[bytes[index] ?? 0] ?? '';
  }
  return text;
}
