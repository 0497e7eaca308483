import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The text of a file, named by its path in the repository. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Paths of the files of the repository that fit these patterns of Git. */
export function files(...patterns: readonly string[]): string[] {
  const listing = ['ls-files', '--cached', '--others', '--exclude-standard', '-z', '--'];
  const output = execFileSync('git', [...listing, ...patterns], { cwd: ROOT, encoding: 'utf8' });
  return [...new Set(output.split('\0').filter(Boolean))].toSorted();
}

/** What the first group of a pattern finds in a text, each once, in order. */
export function found(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, group = '']) => group))].toSorted();
}
