import { nounOf, type Schema } from '../schema.ts';
import { code, html, prose, type Markup, type Part } from './markup.ts';

/** The type of a schema in a few words; nouns lead to where they are explained. */
export function typeView(schema: Schema): Markup {
  const noun = nounOf(schema);
  if (noun !== undefined) return html`<a href="#noun-${noun}">${noun}</a>`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return join(choices.map(typeView));
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return join(schema.enum.map((value) => code(String(value))));
  if (schema.items !== undefined) return html`list of ${typeView(schema.items)}`;
  return html`${[schema.type ?? 'anything'].flat().join(' or ')}`;
}

/** What a value must keep to besides its type, in words. */
export function boundsOf(schema: Schema): string[] {
  const { default: standard, items, maximum, maxItems, maxLength } = schema;
  const { minimum, minItems, minLength, pattern } = schema;
  return [
    ...range(minLength, maxLength, 'characters'),
    ...(items === undefined ? [] : range(minItems, maxItems, 'of them')),
    ...range(minimum, maximum, ''),
    ...(pattern === undefined ? [] : [`\`${pattern}\``]),
    ...(standard === undefined ? [] : [`\`${JSON.stringify(standard)}\` where absent`]),
  ];
}

type PlaceOf = (field: string) => string;

/** The fields of an object, each with its type and what is to be known of it. */
export function fieldsView(schema: Schema, placeOf: PlaceOf = () => ''): Part {
  if (schema.oneOf?.every(({ properties }) => properties !== undefined) === true) {
    return schema.oneOf.map((each) => html`<div class="either">${fieldsView(each, placeOf)}</div>`);
  }
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return undefined;
  return html`<dl class="fields">
    ${fields.map(([name, field]) =>
      fieldView(name, field, [placeOf(name), required.has(name) ? '' : 'optional']),
    )}
  </dl>`;
}

function fieldView(name: string, field: Schema, notes: readonly string[]): Markup {
  const marks = notes.filter((note) => note !== '');
  const known = [field.description ?? '', sentence(boundsOf(field).join(', '))].filter(
    (text) => text !== '',
  );
  return html`<div>
    <dt>
      <code class="field">${name}</code> <span class="type">${typeView(field)}</span>
      ${marks.map((mark) => html`<span class="mark">${mark}</span>`)}
    </dt>
    ${known.map((text) => html`<dd>${prose(text)}</dd>`)} ${innerFields(field)}
  </div>`;
}

/** Fields of an object that has no name of its own. */
function innerFields(field: Schema): Part {
  const objects = [
    field,
    ...(field.anyOf ?? []),
    ...(field.items === undefined ? [] : [field.items]),
  ];
  const inner = objects.find(({ properties }) => properties !== undefined);
  return inner === undefined ? undefined : html`<dd>${fieldsView(inner)}</dd>`;
}

function range(least: number | undefined, most: number | undefined, unit: string): string[] {
  if (least === undefined && most === undefined) return [];
  const bounds =
    most === undefined
      ? `at least ${least}`
      : least === undefined
        ? `at most ${most}`
        : `${least} to ${most}`;
  return [`${bounds} ${unit}`.trim()];
}

function join(types: readonly Markup[]): Markup {
  return html`${types.map((type, index) => (index === 0 ? type : html` or ${type}`))}`;
}

function sentence(words: string): string {
  return words === '' ? '' : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
