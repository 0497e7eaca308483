import { z } from 'zod';

/** A JSON Schema as the documents use it: the keywords that both 2020-12 and draft 7 have. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** Keywords of a whole document; each schema here is a part of one. */
const DROPPED = new Set(['$schema', '$id', '$defs', 'id']);
const COMPONENTS = '#/components/schemas/';

// As input also for what a server answers: a client must accept fields that it does not know.
const OPTIONS = { io: 'input', unrepresentable: 'any' } as const;

/** A reference to a named schema. */
export function refTo(name: string): Schema {
  return { $ref: COMPONENTS + name };
}

/** A schema as JSON Schema; named schemas within it, and itself if it has a name, become references. */
export function describe(schema: z.ZodType): Schema {
  const name = z.globalRegistry.get(schema)?.id;
  return name === undefined ? tidy(withoutDropped(z.toJSONSchema(schema, OPTIONS))) : refTo(name);
}

/** Every schema of the contract that has a name (`.meta({ id })`), in full, by name. */
export function namedSchemas(): Readonly<Record<string, Schema>> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    ...OPTIONS,
    uri: (id) => COMPONENTS + id,
  });
  const named = Object.entries(schemas).map(
    ([name, schema]) => [name, tidy(withoutDropped(schema))] as const,
  );
  return Object.fromEntries(named);
}

function withoutDropped(schema: object): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !DROPPED.has(keyword)));
}

/** Removes what only zod's generator writes, recursively. */
function tidy(schema: Schema): Schema {
  const { $ref, anyOf, items, maximum, minimum, oneOf, properties, ...rest } = schema;
  const inner = Object.entries(properties ?? {}).map(([name, each]) => [name, tidy(each)] as const);
  return mergeLists({
    ...rest,
    ...($ref === undefined ? {} : { $ref: $ref.replace('#/$defs/', COMPONENTS) }),
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(inner) }),
    ...(items === undefined ? {} : { items: tidy(items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(tidy) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(tidy) }),
  });
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
