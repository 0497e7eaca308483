/** The service that answers a path of the public API; `undefined` for paths that are internal to the services. */
export function serviceOf(path: string): 'auth' | 'messaging' | undefined {
  const [, first, second] = path.split('/', 3);
  if (first === 'admin' && second === 'users') return 'auth';
  switch (first) {
    case 'auth':
    case 'me':
    case 'users':
    case 'meta':
      return 'auth';
    case undefined:
    case '':
    case 'healthz':
    case 'internal':
    case 'readyz':
    case 'socket.io':
      return undefined;
    default:
      return 'messaging';
  }
}

/** Whether a path of this origin is served by the Socket.IO server of a messaging node. */
export function isSocketPath(path: string): boolean {
  return path.startsWith('/socket.io/') && isPlainPath(path);
}

/**
 * Whether a path names the same resource for every server: no segment is `.` or `..`, encodes a slash, or holds a
 * backslash or a control character. A URL parser resolves or drops those, so a service could receive a path that this
 * service has not checked.
 */
export function isPlainPath(path: string): boolean {
  let segments: string[];
  try {
    segments = path.split('/').map(decodeURIComponent);
  } catch {
    return false;
  }
  return segments.every(
    (segment) => segment !== '.' && segment !== '..' && !AMBIGUOUS.test(segment),
  );
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const AMBIGUOUS = /[/\\\u0000-\u001f\u007f]/;
