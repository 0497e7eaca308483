import { CONTRACT } from '@parley/common/contract';

import type { Catalogue } from '../catalogue.ts';
import { html, type Markup } from './markup.ts';
import { sectionsOf, type PageSection } from './sections.ts';

/** Where the parts of the reference stand. */
export const DOC_PATHS = {
  page: '/docs',
  stylesheet: '/docs/reference.css',
  openapi: '/docs/openapi.json',
  asyncapi: '/docs/asyncapi.json',
} as const;

/** The contract as one page of HTML, without a script: the browser's own search finds everything. */
export function referencePage(catalogue: Catalogue): string {
  const sections = sectionsOf(catalogue);
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Parley: the contract</title>
        <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
        <link rel="stylesheet" href="${DOC_PATHS.stylesheet}" />
      </head>
      <body>
        <a class="skip" href="#content">Skip to the contract</a>
        ${contents(sections)}
        <main id="content">${head()} ${sections.map(sectionView)}</main>
      </body>
    </html> `;
  return markup;
}

function head(): Markup {
  return html`<header>
    <h1>Parley</h1>
    <p class="lead">
      The wire contract, version ${CONTRACT.version}, revision ${CONTRACT.revision}: what a client
      may ask over HTTP and over a socket, and what it is told.
    </p>
    <p>
      For tools: <a href="${DOC_PATHS.openapi}">OpenAPI 3.1</a> of the HTTP side,
      <a href="${DOC_PATHS.asyncapi}">AsyncAPI 3.0</a> of the Socket.IO side.
    </p>
  </header>`;
}

function contents(sections: readonly PageSection[]): Markup {
  return html`<nav aria-label="Contents">
    <a class="home" href="#content">Parley</a>
    <ul>
      ${sections.map(
        ({ id, places, title }) =>
          html`<li>
            <a href="#${id}">${title}</a>
            ${
              places.length === 0
                ? undefined
                : html`<ul>
                    ${places.map((place) => html`<li><a href="#${place.id}">${place.text}</a></li>`)}
                  </ul>`
            }
          </li>`,
      )}
    </ul>
  </nav>`;
}

function sectionView({ content, id, title }: PageSection): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><a class="self" href="#${id}">${title}</a></h2>
    ${content}
  </section>`;
}
