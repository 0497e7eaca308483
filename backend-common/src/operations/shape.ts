import { AppError, LIMITS } from '@parley/common';

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses input that is too deep, has too many keys or names a prototype, before any schema walks it.
 * Iterative, so that depth costs no stack.
 * @throws AppError `invalid_input`
 */
export function checkShape(input: unknown): void {
  if (!isObject(input)) return;
  const stack = [{ value: input, depth: 0 }];
  let keys = 0;
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { value, depth } = top;
    if (depth >= LIMITS.jsonDepth) throw invalid(`Deeper than ${LIMITS.jsonDepth} levels`);
    const names = Object.keys(value);
    keys += names.length;
    if (keys > LIMITS.jsonKeys) throw invalid(`More than ${LIMITS.jsonKeys} keys`);
    for (const name of names) {
      if (FORBIDDEN_KEYS.has(name)) throw invalid(`A field must not be called ${name}`);
      const field = value[name];
      // Most fields are no objects; nothing is created for those.
      if (isObject(field)) stack.push({ value: field, depth: depth + 1 });
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function invalid(message: string): AppError {
  return new AppError('invalid_input', message, { issues: [{ path: '', message }] });
}
