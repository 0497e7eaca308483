import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What a part of the stack is. */
export type PartKind = 'messaging' | 'auth' | 'web' | 'mongod' | 'redis' | 'object-store';

/** One part that the launcher has started. */
export interface StackPart {
  /** Such as `messaging-1`. */
  readonly name: string;
  readonly kind: PartKind;
  /** With a single node, the parts that are ours share one. */
  readonly pid: number;
  readonly url: string;
  readonly metricsUrl?: string;
}

/** What `stack.json` in the data folder holds while the stack runs. */
export interface StackDescription {
  readonly origin: string;
  readonly parts: readonly StackPart[];
}

const fileName = 'stack.json';

/** Writes `stack.json`, readable by this user alone; a reader sees the old or the new content and nothing between. */
export async function writeStackFile(folder: string, stack: StackDescription): Promise<void> {
  const draft = join(folder, `${fileName}.${randomUUID()}`);
  await writeFile(draft, `${JSON.stringify(stack, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, join(folder, fileName));
}

/** Removes `stack.json`: no stack runs. */
export async function removeStackFile(folder: string): Promise<void> {
  await rm(join(folder, fileName), { force: true });
}

/** The origin in `stack.json`, if there is one. */
export async function readOrigin(folder: string): Promise<string | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(join(folder, fileName), 'utf8'));
    return z.object({ origin: z.string() }).parse(content).origin;
  } catch {
    return undefined;
  }
}
