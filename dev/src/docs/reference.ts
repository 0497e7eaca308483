import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { asyncapiDocument } from './asyncapi.ts';
import { readCatalogue, type Catalogue } from './catalogue.ts';
import { openapiDocument } from './openapi.ts';
import { socketSections } from './socket-sections.ts';

/** Files of the API reference by name, as `web` serves them under `/docs`. */
export type ReferenceFiles = ReadonlyMap<string, string>;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Parley API reference</title>
    <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
  </head>
  <body>
    <noscript>
      This page needs scripts. The documents are <a href="/docs/openapi.json">openapi.json</a> and
      <a href="/docs/asyncapi.json">asyncapi.json</a>.
    </noscript>
    <div id="reference"></div>
    <script src="/docs/scalar.js"></script>
    <script src="/docs/reference.js"></script>
  </body>
</html>
`;

const EVAL_PROBE = 'try{return new Function(""),!0}catch(e){return!1}';

/** Everything that Scalar could load from or send to other places is off; the policy of the page forbids it as well. */
const SETTINGS = {
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  hideTestRequestButton: true,
  showDeveloperTools: 'never',
  documentDownloadType: 'none',
  agent: { disabled: true },
  mcp: { disabled: true },
  // The button behind a long heading is a little wider than a narrow screen.
  customCss: '#reference { overflow-x: clip; }',
} as const;

/** Generates the API reference: Scalar's page, and the documents for tools. */
export async function createReference(): Promise<ReferenceFiles> {
  const catalogue = readCatalogue();
  const scalar = createRequire(import.meta.url).resolve(
    '@scalar/api-reference/browser/standalone.js',
  );
  const json = (document: object) => `${JSON.stringify(document, undefined, 2)}\n`;
  return new Map([
    ['index.html', PAGE],
    ['reference.js', scriptOf(pageDocument(catalogue))],
    ['scalar.js', withoutEval(await readFile(scalar, 'utf8'))],
    ['openapi.json', json(openapiDocument(catalogue))],
    ['asyncapi.json', json(asyncapiDocument(catalogue))],
  ]);
}

/**
 * Takes the one probe for `eval` out of Scalar's bundle. The bundled zod tries whether it may generate code and goes on
 * without, but each try is a breach of the page's policy, which browsers report.
 */
function withoutEval(script: string): string {
  const parts = script.split(EVAL_PROBE);
  if (parts.length !== 2)
    throw new Error(`Scalar's bundle has ${parts.length - 1} probes for eval`);
  return parts.join('return!1');
}

/** The OpenAPI document with the socket side in its description, because Scalar renders no AsyncAPI. */
function pageDocument(catalogue: Catalogue): object {
  const openapi = openapiDocument(catalogue);
  const description = [
    'For tools: [OpenAPI 3.1](/docs/openapi.json) for HTTP, [AsyncAPI 3.0](/docs/asyncapi.json) for Socket.IO.',
    openapi.info.description,
    socketSections(catalogue),
  ].join('\n\n');
  return { ...openapi, info: { ...openapi.info, title: 'Parley API', description } };
}

/** The document is part of the script, so the page connects to nothing. */
function scriptOf(document: object): string {
  const settings = JSON.stringify({ ...SETTINGS, content: document });
  return `Scalar.createApiReference('#reference', ${settings});\n`;
}
