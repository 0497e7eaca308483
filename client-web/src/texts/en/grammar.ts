import { isolate } from '@parley/common';

/** A count with the matching noun form: "1 member", "1,200 members". */
export const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Joins names for a sentence: "Ada", "Ada and Bo", "Ada, Bo and 2 others". */
export function names(list: readonly string[]): string {
  const [first = '', second = '', ...rest] = list.map(isolate);
  if (list.length < 2) return first;
  if (rest.length === 0) return `${first} and ${second}`;
  if (list.length === 3) return `${first}, ${second} and ${rest[0] ?? ''}`;
  return `${first}, ${second} and ${plural(rest.length, 'other', 'others')}`;
}

/** A sentence in which names keep their own direction: isolated`${who} left`. */
export function isolated(
  words: TemplateStringsArray,
  ...names: readonly (string | number)[]
): string {
  return words.reduce((text, word, index) => {
    return `${text}${isolate(String(names[index - 1] ?? ''))}${word}`;
  });
}
