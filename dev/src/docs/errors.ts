import { ERRORS, type ErrorCode } from '@parley/common';

import { refTo, type Schema } from './json-schema.ts';

const issues: Schema = {
  type: 'array',
  description: 'The faults of the input, at most 20.',
  items: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'The field; names are separated by dots.' },
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

/** An error over a socket, and over HTTP. */
export const errorSchemas: Readonly<Record<'Error' | 'Problem', Schema>> = {
  Error: {
    type: 'object',
    description: 'An error as it is sent over a socket.',
    properties: {
      code: refTo('ErrorCode'),
      message: { type: 'string', description: 'For people to read; clients never parse it.' },
      ...retry,
      issues,
    },
    required: ['code', 'message', 'retryable'],
  },
  Problem: {
    type: 'object',
    description: 'An error as it is answered over HTTP (RFC 9457, `application/problem+json`).',
    properties: {
      type: { type: 'string', pattern: '^urn:parley:error:[a-z_]+$' },
      title: { type: 'string', description: 'The meaning of the code.' },
      status: { type: 'integer' },
      code: refTo('ErrorCode'),
      detail: { type: 'string', description: 'For people to read; clients never parse it.' },
      instance: {
        type: 'string',
        description: 'The id of the request, as in the header `x-request-id`.',
      },
      ...retry,
      issues,
    },
    required: ['type', 'title', 'status', 'code', 'detail', 'instance', 'retryable'],
  },
};

/** An example of an error with this code, as HTTP answers it. */
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
