import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/** Writes the one file of a zip archive whose path ends in `member` to `target`, runnable. Throws if there is none. */
export async function unpackMember(archive: string, member: string, target: string): Promise<void> {
  const zip = await openPromise(archive);
  try {
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith(member)) continue;
      const source = await zip.openReadStreamPromise(entry);
      await pipeline(source, createWriteStream(target, { mode: 0o755 }));
      return;
    }
    throw new Error(`the archive holds no ${member}`);
  } finally {
    zip.close();
  }
}
