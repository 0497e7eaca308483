import { z } from 'zod';

/** A JSON Schema as the documents use it: the words that both 2020-12 and draft 7 know. */
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

/** What is said of a noun beside its schema; other words replace what the schema says. */
export interface NounMeta extends Omit<Schema, 'required' | 'properties'> {
  /** Its name among the schemas. */
  readonly id: string;
}

/** Names of schemas. A schema that stands in it is referred to, never repeated. */
export type Nouns = ReturnType<typeof z.registry<NounMeta>>;

/** Words of a whole document; a schema of ours is a part of one. */
const DROPPED = new Set(['$schema', '$defs', 'id']);
const COMPONENTS = '#/components/schemas/';

/** A reference to a noun. */
export function refTo(noun: string): Schema {
  return { $ref: COMPONENTS + noun };
}

/** The noun that a schema refers to. */
export function nounOf({ $ref }: Schema): string | undefined {
  return $ref?.slice(COMPONENTS.length);
}

/** Describes what a schema takes; nouns within it, and itself where it is one, are referred to. */
export function describe(schema: z.ZodType, nouns: Nouns): Schema {
  const noun = nouns.get(schema);
  return noun === undefined ? define(schema, nouns) : refTo(noun.id);
}

/** Describes what a schema takes, itself spelt out; nouns within it are referred to. */
export function define(schema: z.ZodType, nouns: Nouns): Schema {
  // As input also where a server answers it: a client must let pass what it does not know.
  const described = z.toJSONSchema(schema, {
    io: 'input',
    metadata: nouns as never,
    unrepresentable: 'any',
  });
  // A noun is itself referred to, from the root.
  const root = described.$defs?.[nouns.get(schema)?.id ?? ''] ?? described;
  const own = Object.entries(root).filter(([word]) => !DROPPED.has(word));
  return tidy(Object.fromEntries(own));
}

/** Schemas, walked from the inside, without what only this generator of theirs would write. */
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

/** A list of some, or an empty one, is a list. */
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
