import { asyncapiDocument } from './asyncapi.ts';
import { readCatalogue } from './catalogue.ts';
import { openapiDocument } from './openapi.ts';
import { DOC_PATHS, referencePage } from './page/reference-page.ts';
import { STYLESHEET } from './page/stylesheet.ts';

/** The contract in the forms that tools read. */
export interface Documents {
  /** OpenAPI 3.1: the HTTP side. */
  readonly openapi: object;
  /** AsyncAPI 3.0: the Socket.IO side. */
  readonly asyncapi: object;
}

/** Writes the documents down from the contract; the same for the same contract. */
export function createDocuments(): Documents {
  const catalogue = readCatalogue();
  return { openapi: openapiDocument(catalogue), asyncapi: asyncapiDocument(catalogue) };
}

/** The reference as it is served: contents by path. */
export function createReference(): ReadonlyMap<string, string> {
  const catalogue = readCatalogue();
  const json = (document: object) => `${JSON.stringify(document, undefined, 2)}\n`;
  return new Map([
    [DOC_PATHS.page, referencePage(catalogue)],
    [DOC_PATHS.stylesheet, STYLESHEET],
    [DOC_PATHS.openapi, json(openapiDocument(catalogue))],
    [DOC_PATHS.asyncapi, json(asyncapiDocument(catalogue))],
  ]);
}
