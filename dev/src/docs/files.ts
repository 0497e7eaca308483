import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';

import { createDocuments } from './documents.ts';

/** Contents of files by their path in the repository. */
export type DocumentFiles = ReadonlyMap<string, string>;

/** The generated documents as they are committed, in the style that the repository at `root` has. */
export async function formatDocuments(root: string): Promise<DocumentFiles> {
  const { asyncapi, openapi } = createDocuments();
  const documents = [
    ['docs/asyncapi.json', asyncapi],
    ['docs/openapi.json', openapi],
  ] as const;
  const files = documents.map(async ([path, document]) => {
    const filepath = join(root, path);
    const style = await resolveConfig(filepath);
    return [path, await format(JSON.stringify(document), { ...style, filepath })] as const;
  });
  return new Map(await Promise.all(files));
}

/** Writes the documents to where they are committed. */
export async function writeDocuments(root: string, documents: DocumentFiles): Promise<void> {
  for (const [path, content] of documents) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** Paths of the documents that are missing, or that say something else. */
export async function staleDocuments(root: string, documents: DocumentFiles): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, content] of documents) {
    const committed = await readFile(join(root, path), 'utf8').catch(() => undefined);
    if (committed !== content) stale.push(path);
  }
  return stale;
}
