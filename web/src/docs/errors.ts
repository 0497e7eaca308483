import { ERRORS, type ErrorCode, type ErrorRow } from '@parley/common';

import { refTo, type Schema } from './schema.ts';

/** A code and what stands in the table of errors. */
export interface ErrorEntry extends ErrorRow {
  readonly code: ErrorCode;
}

/** Codes that any operation may answer; none of them is said again of each. */
export const ANYWHERE: readonly ErrorCode[] = [
  'invalid_input',
  'unauthenticated',
  'session_expired',
  'payload_too_large',
  'unsupported_media_type',
  'rate_limited',
  'unavailable',
  'internal',
];

/** Every code with its status, by status. */
export function listErrors(): ErrorEntry[] {
  return (Object.keys(ERRORS) as ErrorCode[])
    .map((code) => ({ code, ...ERRORS[code] }))
    .sort((one, other) => one.status - other.status);
}

const issues: Schema = {
  type: 'array',
  description: 'What is wrong with the input, at most 20.',
  items: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'The field, with dots between names.' },
      message: { type: 'string' },
    },
    required: ['path', 'message'],
  },
};
const retry: Record<string, Schema> = {
  retryable: {
    type: 'boolean',
    description: 'Whether the same request may succeed later, unchanged.',
  },
  retryAfterMs: {
    type: 'integer',
    minimum: 0,
    description: 'Milliseconds to wait before the next try.',
  },
};

/** How an error looks over a socket, and over HTTP. */
export const errorSchemas: Readonly<Record<'Error' | 'Problem', Schema>> = {
  Error: {
    type: 'object',
    description: 'An error as sockets get it.',
    properties: {
      code: refTo('ErrorCode'),
      message: { type: 'string', description: 'For people; never to be parsed.' },
      ...retry,
      issues,
    },
    required: ['code', 'message', 'retryable'],
  },
  Problem: {
    type: 'object',
    description: 'An error as HTTP gets it (RFC 9457, `application/problem+json`).',
    properties: {
      type: { type: 'string', pattern: '^urn:parley:error:[a-z_]+$' },
      title: { type: 'string', description: 'What the code means.' },
      status: { type: 'integer' },
      code: refTo('ErrorCode'),
      detail: { type: 'string', description: 'For people; never to be parsed.' },
      instance: { type: 'string', description: 'The id of the request, as in `x-request-id`.' },
      ...retry,
      issues,
    },
    required: ['type', 'title', 'status', 'code', 'detail', 'instance', 'retryable'],
  },
};

/** An error of this code, as HTTP answers it. */
export function exampleProblem(code: ErrorCode): object {
  const { retryable, status, title } = ERRORS[code];
  return {
    type: `urn:parley:error:${code}`,
    title,
    status,
    code,
    detail: title,
    instance: 'a4b0c9d2-7e57-4c1e-9f00-5e55a9e00001',
    retryable,
    ...(code === 'rate_limited' ? { retryAfterMs: 1_000 } : {}),
    ...(code === 'invalid_input'
      ? { issues: [{ path: 'text', message: 'Must not be blank' }] }
      : {}),
  };
}
