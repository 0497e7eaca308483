import { readFileSync } from 'node:fs';

import type { TestFile } from './attachment-node.ts';
import { CORPUS_FILES, CORPUS_TEXTS } from './corpus-tables.ts';

/** A file as people send it, and what its type is. */
export interface CorpusFile extends TestFile {
  /** As it has to be recognised. */
  readonly type: string;
}

const FOLDER = new URL('./files/corpus/', import.meta.url);

/** Small files of every common type, many of them under a name or an announced type that is not theirs. */
export function corpus(): CorpusFile[] {
  const files = CORPUS_FILES.map(([file, name, contentType, type]) => {
    return { name, contentType, type, bytes: readFileSync(new URL(file, FOLDER)) };
  });
  const texts = CORPUS_TEXTS.map(([content, name, contentType, type]) => {
    return { name, contentType, type, bytes: Buffer.from(content) };
  });
  const text = Buffer.from('\ufeffName;Größe\r\n', 'utf16le');
  const encodings = [
    { name: 'excel.csv', contentType: 'text/csv', type: 'text/csv', bytes: text },
    {
      ...{ name: 'big-endian.txt', contentType: 'text/plain', type: 'text/plain' },
      bytes: Buffer.from(text).swap16(),
    },
    {
      ...{ name: 'latin.csv', contentType: 'text/csv', type: 'text/csv' },
      bytes: Buffer.from('Größe;1\n', 'latin1'),
    },
  ];
  return [...files, ...texts, ...encodings];
}

/** One file of each content, without those that repeat it under another name or announced type. */
export function distinct(files: readonly CorpusFile[]): CorpusFile[] {
  const byContent = new Map<string, CorpusFile>();
  for (const file of files) {
    const content = Buffer.from(file.bytes).toString('latin1');
    const known = byContent.get(content);
    // A wrong announcement is worth more than a right one.
    if (known === undefined || known.contentType === known.type) byContent.set(content, file);
  }
  return [...byContent.values()];
}
