import type { Catalogue, EventEntry, OperationEntry } from '../catalogue.ts';
import { ANYWHERE, errorSchemas, listErrors, type ErrorEntry } from '../errors.ts';
import { introduction } from '../introduction.ts';
import type { Schema } from '../schema.ts';
import { anchor, block, code, html, paragraphs, prose, type Markup, type Part } from './markup.ts';
import { operationView } from './operation-view.ts';
import { boundsOf, fieldsView, typeView } from './type-view.ts';

/** A part of the page, and what the table of contents says of it. */
export interface PageSection {
  readonly id: string;
  readonly title: string;
  /** Places within it, in code where they are words of the contract. */
  readonly places: readonly { readonly id: string; readonly text: Markup }[];
  readonly content: Part;
}

/** Every part of the page, in order. */
export function sectionsOf(catalogue: Catalogue): PageSection[] {
  const groups = [...new Set(catalogue.operations.map(({ group }) => group))];
  return [
    basics(),
    ...groups.map((group) => operationsOf(group, catalogue.operations)),
    told(catalogue),
    refusals(catalogue.operations),
    nouns({ ...catalogue.nouns, ...errorSchemas }),
  ];
}

function basics(): PageSection {
  return {
    id: 'basics',
    title: 'What holds everywhere',
    places: introduction.map(({ id, title }) => ({ id, text: html`${title}` })),
    content: introduction.map(
      ({ id, paragraphs: texts, title }) =>
        html`<h3 id="${id}"><a class="self" href="#${id}">${title}</a></h3>
          ${paragraphs(texts)}`,
    ),
  };
}

function operationsOf(group: string, all: readonly OperationEntry[]): PageSection {
  const operations = all.filter((operation) => operation.group === group);
  return {
    id: `group-${anchor(group)}`,
    title: group,
    places: operations.map(({ name }) => ({ id: anchor(name), text: code(name) })),
    content: operations.map(operationView),
  };
}

function told({ events, handshake }: Catalogue): PageSection {
  const all = [handshake, ...events];
  return {
    id: 'events',
    title: 'Socket: handshake and events',
    places: all.map(({ name }) => ({ id: `event-${anchor(name)}`, text: code(name) })),
    content: all.map(eventView),
  };
}

function eventView({ description, example, name, payload, summary }: EventEntry): Markup {
  const id = `event-${anchor(name)}`;
  const fields = fieldsView(payload) ?? html`<p>${typeOrNothing(payload)}</p>`;
  return html`<article id="${id}" aria-labelledby="${id}-title">
    <h3 id="${id}-title">
      <a class="self" href="#${id}"><code>${name}</code></a>
    </h3>
    <p class="summary">${prose(`${summary}.`)}</p>
    ${paragraphs([description])}
    <h4>Payload</h4>
    ${fields}
    <h4>Example</h4>
    ${block(`An example of ${name}`, JSON.stringify(example, undefined, 2))}
  </article>`;
}

function typeOrNothing(payload: Schema): Markup {
  return payload.properties === undefined ? typeView(payload) : html`Nothing.`;
}

function refusals(operations: readonly OperationEntry[]): PageSection {
  const used = new Set([
    ...ANYWHERE,
    'unknown_operation',
    'method_not_allowed',
    ...operations.flatMap(({ errors }) => errors),
  ]);
  const errors = listErrors().filter(({ code: each }) => used.has(each));
  return {
    id: 'errors',
    title: 'Errors',
    places: [],
    content: html`${paragraphs([
        `Over HTTP an error is \`application/problem+json\` (RFC 9457), over a socket the \`error\` of the acknowledgement. \`code\` is a stable word; \`retryable\` tells a client what to do without knowing the code, and \`retryAfterMs\` when. Each operation names its own refusals; any may answer ${ANYWHERE.map((each) => `\`${each}\``).join(', ')}. Unknown failures are \`internal\` and tell nothing more.`,
      ])}
      <dl class="fields">${errors.map(errorView)}</dl>`,
  };
}

function errorView({ code: word, retryable, status, title }: ErrorEntry): Markup {
  return html`<div id="error-${word}">
    <dt>
      <code class="field">${word}</code> <span class="type">${status}</span>
      ${retryable ? html`<span class="mark">retryable</span>` : undefined}
    </dt>
    <dd>${title}.</dd>
  </div>`;
}

function nouns(all: Readonly<Record<string, Schema>>): PageSection {
  return {
    id: 'nouns',
    title: 'Nouns',
    places: Object.keys(all).map((name) => ({ id: `noun-${name}`, text: html`${name}` })),
    content: Object.entries(all).map(([name, schema]) => nounView(name, schema)),
  };
}

function nounView(name: string, schema: Schema): Markup {
  const bounds = boundsOf(schema).join(', ');
  const content =
    schema.properties === undefined
      ? html`<p class="type">${typeView(schema)}${bounds === '' ? '' : prose(`, ${bounds}`)}</p>`
      : fieldsView(schema);
  return html`<article id="noun-${name}" aria-labelledby="noun-${name}-title">
    <h3 id="noun-${name}-title"><a class="self" href="#noun-${name}">${name}</a></h3>
    ${paragraphs([schema.description ?? ''])} ${content}
  </article>`;
}
