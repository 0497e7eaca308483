import { RegExpParser, type AST } from '@eslint-community/regexpp';

/** Characters of many kinds, one of which most classes have. */
const CANDIDATES = [
  ...Array.from('aA0 _-.,:;/\\@#%&=?!"\'`~^*+()[]{}<>|$\t\n\r\0zZfF9ß'),
  ...['\u0301', '\u200D', '\u202E', '中', 'ا', 'я', '😀', '\u{E0061}', '🇩', '\uFE0F', '\uD800'],
];
/** What follows a long run: nothing, and characters at which most patterns fail. */
const ENDS = ['', '\0', '!', ' x'];
const MANY = 10;

/**
 * Texts of about `length` UTF-16 code units that make a pattern work as long as it can: for each of its repetitions, what
 * comes before it, and then what it repeats, in each of its alternatives.
 */
export function hostileInputs({ flags, source }: RegExp, length: number): string[] {
  const mode = { unicode: flags.includes('u'), unicodeSets: flags.includes('v') };
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, mode);
  const pumps = new Map<string, string>();
  const visit = (node: AST.Node, before: string): void => {
    if (node.type === 'Quantifier') {
      if (node.max > MANY) {
        for (const unit of samples(node.element, flags)) pumps.set(`${before} ${unit}`, before);
      }
      visit(node.element, before);
      return;
    }
    if (!('alternatives' in node) || node.type === 'ClassStringDisjunction') return;
    for (const alternative of node.alternatives) {
      if (!('elements' in alternative)) continue;
      let prefix = before;
      for (const element of alternative.elements) {
        visit(element, prefix);
        prefix += samples(element, flags)[0] ?? '';
      }
    }
  };
  visit(pattern, '');
  return [...pumps].flatMap(([key, before]) => {
    const unit = key.slice(before.length + 1);
    const run = unit.repeat(Math.ceil(length / unit.length));
    return ENDS.map((end) => before + run + end);
  });
}

/** Texts that a part of a pattern matches, at least one for each of its alternatives; none for what matches nothing. */
function samples(node: AST.Node, flags: string): string[] {
  if (node.type === 'Character') return [String.fromCodePoint(node.value)];
  if (isClass(node)) {
    const only = new RegExp(`^(?:${node.raw})$`, flags.replaceAll(/[gy]/g, ''));
    return CANDIDATES.filter((each) => only.test(each)).slice(0, 1);
  }
  if (node.type === 'Quantifier') {
    return samples(node.element, flags).map((each) => each.repeat(Math.max(1, node.min)));
  }
  if (node.type === 'Group' || node.type === 'CapturingGroup') {
    const each = node.alternatives.map(({ elements }) =>
      elements.map((element) => samples(element, flags)[0] ?? '').join(''),
    );
    return [...new Set([...each, each.join('')])].filter((text) => text !== '');
  }
  return [];
}

function isClass({ type }: AST.Node): boolean {
  return ['CharacterSet', 'CharacterClass', 'ExpressionCharacterClass'].includes(type);
}
