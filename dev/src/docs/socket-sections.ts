import type { Catalogue, EventEntry, OperationEntry } from './catalogue.ts';
import { nameIn, type Schema } from './json-schema.ts';

/** The socket side of the contract in Markdown, for the page whose tool renders OpenAPI only. */
export function socketSections({ events, handshake, operations }: Catalogue): string {
  const socketOnly = operations.filter(({ http }) => http === undefined);
  return [
    '## Socket: handshake',
    eventSection(handshake),
    '## Socket: operations without HTTP',
    'Every other operation of this page that names a socket event is called in the same way.',
    ...socketOnly.map(operationSection),
    '## Socket: events of the server',
    ...events.map(eventSection),
  ].join('\n\n');
}

function eventSection({ description, example, name, payload, summary }: EventEntry): string {
  return [
    `### ${name}`,
    `**${summary}.** ${description}`,
    fieldList('Payload', payload),
    codeBlock(example),
  ].join('\n\n');
}

function operationSection(operation: OperationEntry): string {
  const { description, errors, example, input, limits, name, output, summary } = operation;
  const own = errors.map((code) => `\`${code}\``).join(', ');
  return [
    `### ${name}`,
    `**${summary}.** ${description}`,
    `Limits: ${limits}${own === '' ? '' : ` Errors of its own: ${own}.`}`,
    fieldList('Input', input),
    codeBlock(example.input),
    output === undefined ? 'The answer has no data.' : fieldList('Answer', output),
    ...(output === undefined ? [] : [codeBlock(example.output)]),
  ].join('\n\n');
}

function codeBlock(value: object): string {
  return `\`\`\`json\n${JSON.stringify(value, undefined, 2)}\n\`\`\``;
}

function fieldList(heading: string, schema: Schema): string {
  const variants = schema.oneOf ?? [schema];
  const lists = variants.map((variant) => fieldsOf(variant).join('\n'));
  return `${heading}:\n\n${lists.join('\n\nor\n\n')}`;
}

function fieldsOf(schema: Schema): string[] {
  if (schema.properties === undefined) return [`- ${typeOf(schema)}`];
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const marks = required.has(name) ? '' : ', optional';
    const text = field.description === undefined ? '' : `: ${field.description}`;
    return `- \`${name}\` (${typeOf(field)}${marks})${text}`;
  });
  return fields.length === 0 ? ['- no fields'] : fields;
}

/** The type of a schema in a few words; named schemas are found under "Models". */
function typeOf(schema: Schema): string {
  const { $ref, enum: values, items, type = 'anything' } = schema;
  const choices = schema.anyOf ?? schema.oneOf;
  if ($ref !== undefined) return nameIn(schema);
  if (choices !== undefined) return choices.map(typeOf).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(' or ');
  if (items !== undefined) return `list of ${typeOf(items)}`;
  return [type].flat().join(' or ');
}
