import { AppError } from '@parley/common';
import { z } from 'zod';

type Converter = (value: string) => unknown;

const converters: Readonly<Record<string, Converter>> = {
  integer: toNumber,
  number: toNumber,
  boolean: (value) => (value === 'true' ? true : value === 'false' ? false : value),
};

/** Converts the strings of a path and query to what the schema of the input asks for. */
export function queryConverter(
  schema: z.ZodType,
): (given: Readonly<Record<string, string>>) => Record<string, unknown> {
  // An empty registry: named schemas are written out and not referred to.
  const described = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    metadata: z.registry(),
  });
  const byName = new Map<string, Converter>();
  for (const [name, property] of Object.entries(described.properties ?? {})) {
    if (typeof property !== 'object' || typeof property.type !== 'string') continue;
    const convert = converters[property.type];
    if (convert !== undefined) byName.set(name, convert);
  }
  return (given) => {
    const converted = Object.entries(given).map(([name, value]) => [
      name,
      byName.get(name)?.(value) ?? value,
    ]);
    return Object.fromEntries(converted) as Record<string, unknown>;
  };
}

/** Puts path, query and body together. @throws AppError `invalid_input` where a name stands in two places */
export function mergeInput(...parts: readonly Readonly<Record<string, unknown>>[]): unknown {
  const merged = new Map<string, unknown>();
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) {
      if (merged.has(name)) throw new AppError('invalid_input', `${name} is given in two places`);
      merged.set(name, value);
    }
  }
  return Object.fromEntries(merged);
}

function toNumber(value: string): unknown {
  return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}
