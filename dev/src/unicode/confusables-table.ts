import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const BASE = 36;
const LINE = 240;

/** Unicode's confusable characters (UTS 39, confusables.txt), each with the shape that it shares with others. */
export function confusables(): Readonly<Record<string, string>> {
  const path = createRequire(import.meta.url).resolve('unhomoglyph/data.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
}

/** The source of the table of confusable characters. */
export function confusablesTable(): string {
  const sources = new Map<string, number[]>();
  for (const [source, shape] of Object.entries(confusables())) {
    const points = sources.get(shape) ?? [];
    points.push(source.codePointAt(0) ?? 0);
    sources.set(shape, points);
  }
  const groups = [...sources].map(([shape, points]) => `${hexOf(shape)}:${differences(points)}`);
  return `/** Written by \`npm run unicode\`; see skeleton.ts for its form. */
export const CONFUSABLES = \`
${wrap(groups.toSorted())}
\`;
`;
}

function hexOf(shape: string): string {
  return Array.from(shape, (character) => character.codePointAt(0)?.toString(16)).join('.');
}

function differences(points: number[]): string {
  const sorted = points.toSorted((a, b) => a - b);
  return sorted.map((point, index) => (point - (sorted[index - 1] ?? 0)).toString(BASE)).join(',');
}

function wrap(groups: readonly string[]): string {
  const lines: string[] = [];
  for (const group of groups) {
    const last = lines.at(-1);
    if (last === undefined || last.length + group.length > LINE) lines.push(group);
    else lines[lines.length - 1] = `${last} ${group}`;
  }
  return lines.join('\n');
}
