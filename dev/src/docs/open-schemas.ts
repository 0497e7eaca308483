import type { Schema } from './json-schema.ts';

/** An enum to which later versions of the server may add values. No keyword says so that all generators understand. */
export function openEnum(schema: Schema, values: readonly unknown[]): Schema {
  const rest = { ...schema };
  delete rest.enum;
  const listed = values.map((value) => `\`${String(value)}\``).join(', ');
  const known = `Known values: ${listed}. Later versions may add others, which clients pass over.`;
  const description = schema.description === undefined ? known : `${schema.description} ${known}`;
  return { ...rest, type: 'string', description, 'x-extensible-enum': [...values] };
}

/** The field that tells the variants of a union apart, and its value in each. */
export function tagOf(variants: readonly Schema[]): { name: string; values: unknown[] } {
  const [first = {}] = variants;
  for (const name of Object.keys(first.properties ?? {})) {
    const values = variants.map(({ properties }) => properties?.[name]?.const);
    if (values.every((value) => value !== undefined)) return { name, values };
  }
  throw new Error('No field tells the variants of a union apart');
}

/** What all variants of a union have in common, for a variant that a later version adds. */
export function otherVariant(variants: readonly Schema[]): Schema {
  const { name: tag, values } = tagOf(variants);
  const [first = {}, ...others] = variants;
  const isShared = (name: string, field: Schema) =>
    others.every(({ properties }) => JSON.stringify(properties?.[name]) === JSON.stringify(field));
  const shared = Object.entries(first.properties ?? {}).filter(([name, field]) =>
    isShared(name, field),
  );
  const isRequired = (name: string) => variants.every(({ required }) => required?.includes(name));
  return {
    type: 'object',
    description: `A \`${tag}\` that a later version has added. Clients pass over it.`,
    properties: {
      ...Object.fromEntries(shared),
      [tag]: { type: 'string', not: { enum: values } },
    },
    required: [...shared.map(([name]) => name).filter(isRequired), tag],
  };
}
