import { asyncapiDocument } from './asyncapi.ts';
import { readCatalogue } from './catalogue.ts';
import { openapiDocument } from './openapi.ts';

/** The contract in the forms that tools read. */
export interface Documents {
  /** OpenAPI 3.1: the HTTP side. */
  readonly openapi: object;
  /** AsyncAPI 3.0: the Socket.IO side. */
  readonly asyncapi: object;
}

/** Generates the documents from the contract; the same contract always gives the same documents. */
export function createDocuments(): Documents {
  const catalogue = readCatalogue();
  return { openapi: openapiDocument(catalogue), asyncapi: asyncapiDocument(catalogue) };
}
