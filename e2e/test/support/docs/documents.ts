import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Something in a document that a reader would type or copy. */
export interface Snippet {
  /** Such as `docs/operations.md`. */
  readonly document: string;
  /** `command` is one line for a shell; any other is the language of a whole block. */
  readonly language: string;
  readonly text: string;
}

const BLOCK = /^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;
const SPAN = /`([^`\n]+)`/g;
/** How a line begins that somebody types: variables first, then the program. */
const COMMAND = /^(?:[A-Z][A-Z0-9_]*=\S+ )*(?:npm|npx|node|go|git|versitygw|\.ci\/run)(?: |$)/;
const SETTING = /^[A-Z][A-Z0-9_]*=\S+$/;
const SHELL = new Set(['', 'sh', 'bash', 'shell', 'console']);

/** The documents whose commands are tried. */
export function commandDocuments(): string[] {
  const names = readdirSync(join(ROOT, 'docs'));
  const pages = names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return ['README.md', 'CONTRIBUTING.md', ...pages.toSorted()];
}

function commandsOf(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/ +#.*$/, '').trim()).filter((line) => line !== '');
}

function blocksOf(document: string, markdown: string): Snippet[] {
  return [...markdown.matchAll(BLOCK)].flatMap(([, indent = '', language = '', body = '']) => {
    const lines = body.split('\n').map((line) => line.slice(indent.length));
    const words = commandsOf(lines);
    if (!SHELL.has(language)) return [{ document, language, text: lines.join('\n') }];
    if (words.every((line) => SETTING.test(line))) {
      return [{ document, language: 'settings', text: words.join('\n') }];
    }
    return words.map((text) => ({ document, language: 'command', text }));
  });
}

function spansOf(document: string, markdown: string): Snippet[] {
  const prose = markdown.replaceAll(BLOCK, '');
  return [...prose.matchAll(SPAN)]
    .map(([, text = '']) => text)
    .filter((text) => COMMAND.test(text))
    .map((text) => ({ document, language: 'command', text }));
}

/** All commands, settings and examples of one document, in blocks and within sentences. */
export function snippetsOf(document: string): Snippet[] {
  const markdown = readFileSync(join(ROOT, document), 'utf8');
  return [...blocksOf(document, markdown), ...spansOf(document, markdown)];
}
