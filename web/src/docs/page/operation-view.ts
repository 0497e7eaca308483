import type { OperationEntry } from '../catalogue.ts';
import { hasBody, pathFields, publicPath } from '../http-places.ts';
import { anchor, block, code, html, paragraphs, prose, type Markup, type Part } from './markup.ts';
import { fieldsView, typeView } from './type-view.ts';

/** One operation: where it stands, what it takes, answers and refuses, and an example. */
export function operationView(operation: OperationEntry): Markup {
  const { description, name, summary } = operation;
  const id = anchor(name);
  return html`<article id="${id}" aria-labelledby="${id}-title">
    <h3 id="${id}-title">
      <a class="self" href="#${id}"><code>${name}</code></a>
    </h3>
    <p class="summary">${prose(`${summary}.`)}</p>
    ${placesView(operation)} ${paragraphs([description])} ${factsView(operation)}
    ${inputView(operation)} ${outputView(operation)} ${exampleView(operation)}
  </article>`;
}

function placesView({ http, isSocket, name }: OperationEntry): Markup {
  return html`<ul class="places">
    ${http && html`<li><span class="method">${http.method}</span> ${code(publicPath(http))}</li>`}
    ${isSocket ? html`<li><span class="method">socket</span> ${code(name)}</li>` : undefined}
  </ul>`;
}

function factsView({ errors, isPublic, limits }: OperationEntry): Markup {
  const codes = errors.map((each) => html` <a href="#error-${each}"><code>${each}</code></a>`);
  return html`<dl class="facts">
    <div>
      <dt>Asked by</dt>
      <dd>${isPublic ? 'anybody' : 'a session'}</dd>
    </div>
    <div>
      <dt>Limits</dt>
      <dd>${prose(limits)}</dd>
    </div>
    ${
      codes.length === 0
        ? undefined
        : html`<div>
            <dt>Refusals of its own</dt>
            <dd>${codes}</dd>
          </div>`
    }
  </dl>`;
}

function inputView({ http, input }: OperationEntry): Part {
  const inPath = new Set(http === undefined ? [] : pathFields(http));
  const placeOf = (field: string): string => {
    if (http === undefined) return '';
    if (inPath.has(field)) return 'path';
    return hasBody(http) ? 'body' : 'query';
  };
  const fields = fieldsView(input, placeOf);
  return (
    fields &&
    html`<h4>Input</h4>
      ${fields}`
  );
}

function outputView({ output }: OperationEntry): Markup {
  if (output === undefined)
    return html`<h4>Answer</h4>
      <p>That it is done: 204, or <code>{}</code>.</p>`;
  const fields = output.$ref === undefined ? fieldsView(output) : undefined;
  return html`<h4>Answer</h4>
    ${fields ?? html`<p>${typeView(output)}</p>`}`;
}

function exampleView(operation: OperationEntry): Markup {
  const { example, http, isSocket, name, output } = operation;
  const answer = JSON.stringify(output === undefined ? {} : example.output, undefined, 2);
  const asked = JSON.stringify(example.input, undefined, 2);
  const request =
    http === undefined
      ? undefined
      : block(`${name} over HTTP`, `${requestOf(operation, http)}\n\n${statusOf(operation)}`);
  const call = isSocket
    ? block(
        `${name} over a socket`,
        `await socket.emitWithAck('${name}', ${asked})\n// { "ok": true, "data": … }`,
      )
    : undefined;
  return html`<h4>Example</h4>
    ${request} ${call} ${output === undefined ? undefined : block(`The answer of ${name}`, answer)}`;
}

function requestOf(
  { example, isPublic }: OperationEntry,
  http: NonNullable<OperationEntry['http']>,
) {
  const values = new Map<string, unknown>(Object.entries(example.input));
  const inPath = pathFields(http);
  const path = publicPath(http).replace(/\{(\w+)\}/g, (_, field: string) =>
    textOf(values.get(field)),
  );
  const rest = [...values].filter(([field]) => !inPath.includes(field));
  const query = new URLSearchParams();
  for (const [field, value] of rest) query.set(field, textOf(value));
  const sentAsBody = hasBody(http) && rest.length > 0;
  const search = hasBody(http) || rest.length === 0 ? '' : `?${query.toString()}`;
  return [
    `${http.method} ${path}${search}`,
    ...(isPublic ? [] : ['Authorization: Bearer …']),
    ...(sentAsBody
      ? [
          'Content-Type: application/json',
          '',
          JSON.stringify(Object.fromEntries(rest), undefined, 2),
        ]
      : []),
  ].join('\n');
}

function statusOf({ http, output }: OperationEntry): string {
  return output === undefined ? '→ 204' : `→ ${http?.status ?? 200}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
