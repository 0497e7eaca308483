import assert from 'node:assert/strict';

import type { Answer } from './send-request.ts';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** The only cookie that an answer sets, with the names of its attributes in lower case. */
export function cookieOf({ headers }: Answer): Cookie {
  const [header, ...more] = headers['set-cookie'] ?? [];
  assert.ok(header !== undefined && more.length === 0, 'exactly one cookie');
  const [pair = '', ...attributes] = header.split('; ');
  const [name = '', value = ''] = pair.split('=');
  const parsed = attributes.map((attribute): [string, string] => {
    const [key = '', given = ''] = attribute.split('=');
    return [key.toLowerCase(), given];
  });
  return { name, value, attributes: new Map(parsed) };
}
