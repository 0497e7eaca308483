import { open, rename, stat } from 'node:fs/promises';

const ROTATE_BYTES = 20_000_000;
const TAIL_BYTES = 20_000;

/**
 * Sets a log that has passed 20 MB aside as `<file>.1`; the one set aside before is dropped. Returns how many bytes the
 * log holds now, which is where new lines begin.
 */
export async function rotateLog(path: string): Promise<number> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size <= ROTATE_BYTES) return size;
  await rename(path, `${path}.1`);
  return 0;
}

/** The last lines of a log after its first `from` bytes, at most 20 kB. */
export async function tailOf(path: string, from = 0): Promise<string[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(Math.max(size - from, 0), TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead).split('\n').filter(Boolean);
  } finally {
    await file.close();
  }
}
