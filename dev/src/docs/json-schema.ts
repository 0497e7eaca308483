/** Where the documents keep the named schemas. */
export const COMPONENTS = '#/components/schemas/';

/** A JSON Schema as the documents use it: the keywords that both 2020-12 and draft 7 have. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  const?: unknown;
  enum?: unknown[];
  /** The values of an open enum: others may be added. */
  'x-extensible-enum'?: unknown[];
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
  not?: Schema;
  if?: Schema;
  then?: Schema;
}

/** Schemas by name. */
export type Schemas = Readonly<Record<string, Schema>>;

/** A reference to a named schema. */
export function refTo(name: string): Schema {
  return { $ref: COMPONENTS + name };
}

/** The name in a reference. */
export function nameIn({ $ref = '' }: Schema): string {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}
