/** A metric that an expression reads, with what its labels must be. */
interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[];
}

const KEYWORDS = new Set(['by', 'without', 'and', 'or', 'unless', 'on', 'ignoring', 'bool']);

/** The metrics, and the labels by which is grouped, of an expression of PromQL as our rules and dashboards have them. */
export function usesOf(expr: string): {
  readonly selectors: readonly Selector[];
  readonly groupings: readonly string[];
} {
  const groupings = [...expr.matchAll(/\b(?:by|without|on|ignoring) \(([^)]*)\)/g)].flatMap(
    ([, list = '']) => list.split(',').map((label) => label.trim()),
  );
  const rest = expr
    .replaceAll(/\b(?:by|without|on|ignoring) \([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ');
  const selectors = [...rest.matchAll(/([A-Za-z_][\w:]*)(\s*\()?(?:\{([^}]*)\})?/g)]
    .filter(([, name = '', call]) => call === undefined && !KEYWORDS.has(name))
    .map(([, metric = '', , matchers = '']) => ({ metric, matchers: matchersOf(matchers) }));
  return { selectors, groupings };
}

function matchersOf(text: string): Selector['matchers'] {
  return [...text.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
    ([, label = '', , value = '']) => ({ label, values: value.split('|') }),
  );
}
