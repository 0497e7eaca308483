import { z } from 'zod';

import { namedSchemas, type NounName } from './named-schemas.ts';
import { nounNotes } from './notes/nouns.ts';
import { define, type NounMeta, type Nouns, type Schema } from './schema.ts';

const names = Object.keys(namedSchemas) as NounName[];

/** The names under which schemas of the contract are referred to. */
export function registerNouns(): Nouns {
  const nouns: Nouns = z.registry<NounMeta>();
  for (const id of names) {
    const { description, shape } = nounNotes[id];
    nouns.add(namedSchemas[id], { id, description, ...shape });
  }
  return nouns;
}

/** Every noun, spelt out, by name. */
export function defineNouns(nouns: Nouns): Readonly<Record<NounName, Schema>> {
  const defined = names.map((id) => {
    const { description, fields = {} } = nounNotes[id];
    return [id, { description, ...withNotes(define(namedSchemas[id], nouns), fields) }] as const;
  });
  return Object.fromEntries(defined) as Record<NounName, Schema>;
}

/** A schema whose fields say what is known of them. */
export function withNotes(schema: Schema, notes: Readonly<Record<string, string>>): Schema {
  if (schema.oneOf !== undefined) {
    return { ...schema, oneOf: schema.oneOf.map((each) => withNotes(each, notes)) };
  }
  if (schema.properties === undefined) return schema;
  const properties = Object.entries(schema.properties).map(([name, field]) => {
    const description = notes[name];
    return [name, description === undefined ? field : { ...field, description }] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}
