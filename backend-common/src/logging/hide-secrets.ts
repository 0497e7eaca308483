/** Names of fields that never reach a log, however deep they stand in what is logged. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'token',
  'sessionToken',
  'ticket',
  'password',
  'currentPassword',
  'newPassword',
  'passwordHash',
  'tokenHash',
  'text',
  'authorization',
  'cookie',
  'set-cookie',
  'secret',
]);
const CENSORED = '[redacted]';
/** What is nested deeper is not logged. */
const DEEPEST = 6;
/** The user and password of a URI, such as that of a database. */
const CREDENTIALS = /(\w:\/\/)[^\s/@]+@/g;

/** A copy of what is logged without secrets. */
export function hideSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return hide(fields, 0) as Record<string, unknown>;
}

/**
 * What a log shows of an error: its type, message, stack, code and cause. Other properties may hold what was to be
 * stored: an error of a bulk write has the documents.
 */
export function shownError(value: unknown, depth = 0): unknown {
  if (!(value instanceof Error)) return hide(value, 0);
  const { cause, message, stack } = value;
  const { code } = value as { code?: unknown };
  return {
    type: value.constructor.name,
    message: hideCredentials(message),
    stack: hideCredentials(stack ?? ''),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(cause instanceof Error && depth < DEEPEST ? { cause: shownError(cause, depth + 1) } : {}),
  };
}

function hide(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return hideCredentials(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return '[deeper]';
  if (value instanceof Error) return shownError(value, depth);
  if (Array.isArray(value)) return value.map((each) => hide(each, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      SECRET_FIELDS.has(name) ? CENSORED : hide(each, depth + 1),
    ]),
  );
}

function hideCredentials(text: string): string {
  return text.includes('://') ? text.replaceAll(CREDENTIALS, `$1${CENSORED}@`) : text;
}
