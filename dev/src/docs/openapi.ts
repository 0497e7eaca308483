import { CONTRACT, TAGS, type HttpBinding } from '@parley/common/contract';

import type { Catalogue, OperationEntry } from './catalogue.ts';
import { errorSchemas } from './errors.ts';
import { hasBody, pathFields, publicPath } from './http-places.ts';
import { introductionText } from './introduction.ts';
import { nameIn, type Schema, type Schemas } from './json-schema.ts';
import { tagOf } from './open-schemas.ts';
import { commonResponses, redirectResponses, responsesOf } from './openapi-responses.ts';

type Served = OperationEntry & { readonly http: HttpBinding };
const CONTENT_PATH = '/api/attachments/{attachmentId}/content';

type Properties = Readonly<Record<string, Schema>>;

/** An OpenAPI document, as far as its parts are used here. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly description: string };
}

/** The HTTP side of the contract as an OpenAPI 3.1 document. */
export function openapiDocument({ operations, schemas }: Catalogue): OpenApiDocument & object {
  const served = operations.filter(
    (operation): operation is Served => operation.http !== undefined,
  );
  const tags = [...new Set(served.map(({ tag }) => tag))];
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Parley over HTTP',
      version: `${CONTRACT.version}.${CONTRACT.revision}.0`,
      description: introductionText(),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The public origin' }],
    security: [{ session: [] }],
    tags: tags.map((name) => ({ name, description: TAGS[name] })),
    paths: pathsOf(served),
    components: {
      securitySchemes: {
        session: {
          type: 'http',
          scheme: 'bearer',
          description: 'The `sessionToken` of a registration or login.',
        },
      },
      schemas: { ...withDiscriminators(schemas), ...errorSchemas },
      headers: {
        RequestId: {
          description:
            'The id of the request in the log: the `x-request-id` of the request if it has 8 to 64 letters, digits and hyphens, otherwise a new one.',
          schema: { type: 'string' },
        },
        RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
      },
      responses: commonResponses(),
    },
  };
  return document;
}

function pathsOf(served: readonly Served[]): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of served) {
    const path = publicPath(operation.http);
    paths[path] = { ...paths[path], [operation.http.method.toLowerCase()]: describeOne(operation) };
    if (operation.name === 'attachment:url') paths[CONTENT_PATH] = { get: contentOf(operation) };
  }
  return paths;
}

function describeOne(operation: Served): object {
  const { description, http, id, isPublic, isSocket, limits, name, summary, tag } = operation;
  const also = isSocket ? [`Also the socket event \`${name}\`.`] : [];
  const parameters = parametersOf(operation);
  const body = bodyOf(operation);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, `Limits: ${limits}`, ...also].filter(Boolean).join('\n\n'),
    ...(isPublic ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(hasBody(http) && body !== undefined ? { requestBody: body } : {}),
    responses: responsesOf(operation),
  };
}

/** The file itself under the rules of `attachment:url`, for what cannot read an answer first, such as a download tool. */
function contentOf(operation: Served): object {
  return {
    ...describeOne(operation),
    operationId: 'attachmentContent',
    summary: 'Get the file, by a redirect to a short-lived URL',
    description: `Redirects to the URL that \`attachment:url\` answers, under the same rules. Send no \`Authorization\` to the place it redirects to: the URL has its own signature.\n\nLimits: ${operation.limits}`,
    responses: redirectResponses(operation),
  };
}

function parametersOf({ example, http, input }: Served): object[] {
  const inPath = new Set(pathFields(http));
  const required = new Set(input.required);
  const values = new Map<string, unknown>(Object.entries(example.input));
  return Object.entries(propertiesOf(input))
    .filter(([name]) => inPath.has(name) || !hasBody(http))
    .map(([name, { description, ...schema }]) => ({
      name,
      in: inPath.has(name) ? 'path' : 'query',
      ...(required.has(name) ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      schema,
      ...(values.has(name) ? { example: values.get(name) } : {}),
    }));
}

function bodyOf({ example, http, input }: Served): object | undefined {
  const inPath = new Set(pathFields(http));
  const schema = without(input, inPath);
  const isEmpty = schema.oneOf === undefined && Object.keys(propertiesOf(schema)).length === 0;
  if (isEmpty) return undefined;
  const sent = Object.entries(example.input).filter(([name]) => !inPath.has(name));
  return {
    required: schema.oneOf !== undefined || (schema.required ?? []).length > 0,
    content: { 'application/json': { schema, example: Object.fromEntries(sent) } },
  };
}

function propertiesOf({ properties = {} }: Schema): Properties {
  return properties;
}

/** An object schema without some of its fields. */
function without(schema: Schema, names: ReadonlySet<string>): Schema {
  if (names.size === 0) return schema;
  const { required = [], ...rest } = schema;
  const properties = Object.entries(propertiesOf(schema)).filter(([name]) => !names.has(name));
  const left = required.filter((name) => !names.has(name));
  return {
    ...rest,
    properties: Object.fromEntries(properties),
    ...(left.length === 0 ? {} : { required: left }),
  };
}

/** Adds to each union the field that tells its variants apart. */
function withDiscriminators(schemas: Schemas): Readonly<Record<string, object>> {
  const described = Object.entries(schemas).map(([name, schema]) => {
    if (schema.oneOf === undefined) return [name, schema] as const;
    const known = schema.oneOf.slice(0, -1);
    const tag = tagOf(known.map((variant) => schemas[nameIn(variant)] ?? {}));
    const mapping = Object.fromEntries(
      known.map(({ $ref }, at) => [String(tag.values[at]), $ref] as const),
    );
    return [name, { ...schema, discriminator: { propertyName: tag.name, mapping } }] as const;
  });
  return Object.fromEntries(described);
}
