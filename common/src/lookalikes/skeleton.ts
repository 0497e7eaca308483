import { CONFUSABLES } from './confusables.ts';

const BASE = 36;
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;

const prototypes = decode(CONFUSABLES);

/** Reads the table: each line has a target in hexadecimal, and its sources as differences in base 36. */
function decode(table: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const line of table.trim().split(/\s+/u)) {
    const [target = '', sources = ''] = line.split(':');
    const shape = String.fromCodePoint(
      ...target.split('.').map((point) => Number.parseInt(point, 16)),
    );
    let point = 0;
    for (const difference of sources.split(',')) {
      point += Number.parseInt(difference, BASE);
      map.set(String.fromCodePoint(point), shape);
    }
  }
  return map;
}

/**
 * The skeleton of a text (UTS 39, section 4): two texts that look alike have the same. It is for comparing, never for
 * showing: the skeleton of "m" is "rn".
 */
export function skeleton(text: string): string {
  const shapes = Array.from(text.normalize('NFD').replace(IGNORED, ''), shapeOf);
  return shapes.join('').normalize('NFD');
}

function shapeOf(character: string): string {
  return prototypes.get(character) ?? character;
}
