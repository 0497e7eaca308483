import { ERRORS, type ErrorCode } from '@parley/common';
import { COMMON_ERRORS, type HttpBinding } from '@parley/common/contract';

import { UNLIMITED, type OperationEntry } from './catalogue.ts';
import { exampleProblem } from './errors.ts';
import { hasBody } from './http-places.ts';
import { refTo } from './json-schema.ts';

const REQUEST_ID = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };
const RETRY_AFTER = { 'retry-after': { $ref: '#/components/headers/RetryAfter' } };

/** The shared responses, by status. */
const COMMON: Readonly<Record<number, string>> = {
  400: 'InvalidInput',
  401: 'Unauthenticated',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  429: 'RateLimited',
  500: 'Internal',
  503: 'Unavailable',
};

/** The responses that any operation may give, by name. */
export function commonResponses(): Record<string, object> {
  const responses = Object.entries(COMMON).map(([status, name]) => {
    const codes = COMMON_ERRORS.filter((code) => ERRORS[code].status === Number(status));
    return [name, problem(Number(status), codes)] as const;
  });
  return Object.fromEntries(responses);
}

/** Every response of an operation, by status. */
export function responsesOf(operation: OperationEntry & { readonly http: HttpBinding }): object {
  const { errors, http, input, isPublic, limits, output } = operation;
  const own = new Map<number, ErrorCode[]>();
  for (const code of errors) {
    const { status } = ERRORS[code];
    own.set(status, [...(own.get(status) ?? []), code]);
  }
  const hasInput = input.oneOf !== undefined || Object.keys(input.properties ?? {}).length > 0;
  const takesBody = hasInput && hasBody(http);
  const common = Object.keys(COMMON)
    .map(Number)
    .filter((status) => status !== 400 || hasInput)
    .filter((status) => (status !== 413 && status !== 415) || takesBody)
    .filter((status) => status !== 401 || !isPublic)
    .filter((status) => status !== 429 || limits !== UNLIMITED)
    .filter((status) => !own.has(status));
  const refused = [
    ...common.map((status) => [status, { $ref: `#/components/responses/${COMMON[status]}` }]),
    ...[...own].map(([status, codes]) => [
      status,
      problem(status, codesAt(status, codes, isPublic)),
    ]),
  ] as [number, object][];
  return Object.fromEntries([success(operation, output === undefined), ...refused]);
}

/** The responses of a request that redirects to what the operation answers. */
export function redirectResponses(
  operation: OperationEntry & { readonly http: HttpBinding },
): object {
  const location = { description: 'The short-lived URL.', schema: { type: 'string' } };
  const refused: Record<number, object> = { ...responsesOf(operation) };
  delete refused[200];
  return {
    302: { description: 'The place of the file.', headers: { ...REQUEST_ID, location } },
    ...refused,
  };
}

/** The codes of a status: those of the operation, and the common ones. */
function codesAt(status: number, own: readonly ErrorCode[], isPublic: boolean): ErrorCode[] {
  const common = COMMON_ERRORS.filter((code) => ERRORS[code].status === status);
  return [...own, ...(isPublic ? [] : common)];
}

function success(
  { example, http, output }: OperationEntry & { readonly http: HttpBinding },
  isEmpty: boolean,
): [number, object] {
  if (isEmpty) return [204, { description: 'No data.', headers: REQUEST_ID }];
  return [
    http.status ?? 200,
    {
      description: 'The answer.',
      headers: REQUEST_ID,
      content: { 'application/json': { schema: output, example: example.output } },
    },
  ];
}

function problem(status: number, codes: readonly ErrorCode[]): object {
  const examples = codes.map((code) => [code, { value: exampleProblem(code) }] as const);
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
    headers: { ...REQUEST_ID, ...(status === 429 || status === 503 ? RETRY_AFTER : {}) },
    content: {
      'application/problem+json': {
        schema: refTo('Problem'),
        examples: Object.fromEntries(examples),
      },
    },
  };
}
