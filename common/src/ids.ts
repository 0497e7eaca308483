/** Fills the array with random bytes and returns it (`crypto.getRandomValues`). */
export type RandomBytes = (into: Uint8Array<ArrayBuffer>) => Uint8Array;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Matches a UUIDv7 in its canonical lower-case form. */
export const ID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Matches a `clientId`: 1–64 of `[A-Za-z0-9_-]`. */
export const CLIENT_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/** Makes ids: UUIDv7 strings that increase within one generator, also within a millisecond (RFC 9562 §6.2, method 1). */
export function createIdGenerator(now: () => number, random: RandomBytes): () => string {
  const pool = new Uint8Array(1024);
  let used = pool.length;
  let lastTime = 0;
  let timeText = '';
  let counter = 0;

  return () => {
    if (used + 8 > pool.length) {
      random(pool);
      used = 0;
    }
    const time = Math.max(Math.floor(now()), lastTime);
    counter =
      time === lastTime ? counter + 1 : ((pool[used] ?? 0) << 3) | ((pool[used + 1] ?? 0) & 7);
    const idTime = counter > 0xfff ? time + 1 : time;
    if (counter > 0xfff) counter = 0;
    if (idTime !== lastTime) timeText = textOfTime(idTime);
    lastTime = idTime;
    const count = (0x7000 | counter).toString(16);
    const id = `${timeText}-${count}-${textOfTail(pool, used)}`;
    used += 8;
    return id;
  };
}

/** The time in an id, in milliseconds since the epoch. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The smallest id of all that are made at `time` (milliseconds since the epoch) or later. */
export function lowestIdAt(time: number): string {
  return `${textOfTime(Math.max(0, Math.floor(time)))}-7000-8000-000000000000`;
}

/** Whether a string is an id of Parley. */
export function isId(value: string): boolean {
  return ID_PATTERN.test(value);
}

/** The first 48 bits of an id. */
function textOfTime(time: number): string {
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** The last 64 bits of an id: two bits of the variant, and 62 bits of the eight random bytes from `start`. */
function textOfTail(pool: Uint8Array, start: number): string {
  let text = HEX[0x80 | ((pool[start] ?? 0) & 0x3f)] ?? '';
  for (let index = 1; index < 8; index += 1) {
    if (index === 2) text += '-';
    text += HEX[pool[start + index] ?? 0] ?? '';
  }
  return text;
}
