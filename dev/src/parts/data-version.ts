import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'written-by';

/** The version of MongoDB that wrote a data folder, if any has. */
export async function readDataVersion(dbPath: string): Promise<string | undefined> {
  const text = await readFile(join(dbPath, FILE), 'utf8').catch(() => '');
  return /^\d+\.\d+\.\d+$/.test(text.trim()) ? text.trim() : undefined;
}

/** Notes which version of MongoDB works on a data folder. */
export async function writeDataVersion(dbPath: string, version: string): Promise<void> {
  await writeFile(join(dbPath, FILE), `${version}\n`, { mode: 0o600 });
}
