import { z } from 'zod';

import { COMPONENTS, nameIn, refTo, type Schema, type Schemas } from './json-schema.ts';
import { openEnum, otherVariant } from './open-schemas.ts';

/**
 * Who writes the value. What a client sends must be known to the server, so enums and unions are closed. What the server
 * answers may have values that are newer than the document, so they are open.
 */
export type Writer = 'client' | 'server';

/** Keywords of a whole document; each schema here is a part of one. */
const DROPPED = new Set(['$schema', '$id', '$defs', 'id']);

// As input also for what a server answers: a client must accept fields that it does not know.
const OPTIONS = { io: 'input', unrepresentable: 'any' } as const;

/** A schema as JSON Schema; named schemas within it, and itself if it has a name, become references. */
export function describe(schema: z.ZodType, writer: Writer): Schema {
  const name = z.globalRegistry.get(schema)?.id;
  if (name !== undefined) return refTo(name);
  const described = withoutDropped(z.toJSONSchema(schema, OPTIONS));
  return tidy(described, { writer, named: registered() });
}

/** Every schema of the contract that has a name (`.meta({ id })`), in full, by name, as the server writes it. */
export function namedSchemas(): Schemas {
  const named = registered();
  const schemas: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(named)) {
    const { oneOf, ...rest } = tidy(schema, { writer: 'server', named });
    const other = oneOf?.at(-1);
    schemas[name] = { ...rest, ...(oneOf === undefined ? {} : { oneOf }) };
    if (oneOf === undefined || other === undefined) continue;
    // Tools that generate code choose a variant by its name.
    schemas[name].oneOf = [...oneOf.slice(0, -1), refTo(`Other${name}`)];
    schemas[`Other${name}`] = other;
  }
  return schemas;
}

function registered(): Schemas {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    ...OPTIONS,
    uri: (id) => COMPONENTS + id,
  });
  const entries = Object.entries(schemas).map(([name, each]) => [name, withoutDropped(each)]);
  return Object.fromEntries(entries) as Schemas;
}

function withoutDropped(schema: object): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !DROPPED.has(keyword)));
}

interface Context {
  readonly writer: Writer;
  readonly named: Schemas;
}

/** Removes what only zod's generator writes, and opens or closes enums and unions, recursively. */
function tidy(schema: Schema, context: Context): Schema {
  const { $ref, anyOf, items, oneOf, properties, ...rest } = withoutSafeBounds(schema);
  const each = (inner: Schema) => tidy(inner, context);
  const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, each(field)]);
  const tidied = mergeLists({
    ...rest,
    ...($ref === undefined ? {} : { $ref: $ref.replace('#/$defs/', COMPONENTS) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(fields) as Record<string, Schema> }),
    ...(items === undefined ? {} : { items: each(items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(each) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(each) }),
  });
  return context.writer === 'client' ? closed(tidied, context) : opened(tidied, context);
}

/** What a client sends has a value that every server knows; the schemas with names are those of the server. */
function closed(schema: Schema, { named }: Context): Schema {
  const target = named[nameIn(schema)];
  if (target?.enum === undefined) return schema;
  const rest = { ...schema };
  delete rest.$ref;
  return { ...target, ...rest };
}

function opened(schema: Schema, { named }: Context): Schema {
  if (schema.enum !== undefined) return openEnum(schema, schema.enum);
  if (schema.oneOf === undefined) return schema;
  const variants = schema.oneOf.map((variant) => named[nameIn(variant)] ?? variant);
  return { ...schema, oneOf: [...schema.oneOf, otherVariant(variants)] };
}

/** An integer without bounds of its own has those of exact numbers, which say nothing. */
function withoutSafeBounds({ maximum, minimum, ...rest }: Schema): Schema {
  const isBounded = minimum !== Number.MIN_SAFE_INTEGER || maximum !== Number.MAX_SAFE_INTEGER;
  return {
    ...rest,
    ...(minimum === undefined || !isBounded ? {} : { minimum }),
    ...(maximum === undefined || !isBounded ? {} : { maximum }),
  };
}

/** Several lists of the same items that differ in length are one list. */
function mergeLists(schema: Schema): Schema {
  const [first, ...others] = schema.anyOf ?? [];
  const items = JSON.stringify(first?.items);
  const isOneList = others.every((other) => JSON.stringify(other.items) === items);
  if (first?.items === undefined || others.length === 0 || !isOneList) return schema;
  const lists = [first, ...others];
  return {
    ...(schema.description === undefined ? {} : { description: schema.description }),
    ...first,
    minItems: Math.min(...lists.map(({ minItems = 0 }) => minItems)),
    maxItems: Math.max(...lists.map(({ maxItems = Infinity }) => maxItems)),
  };
}
