/** The service that answers a path of the public API; `undefined` for what services keep to themselves. */
export function serviceOf(path: string): 'auth' | 'messaging' | undefined {
  const [, first] = path.split('/', 2);
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

/** Whether a path means what it looks like: no part of it is `.` or `..` or hides a slash or a NUL. */
export function isPlainPath(path: string): boolean {
  let decoded: string[];
  try {
    decoded = path.split('/').map(decodeURIComponent);
  } catch {
    return false;
  }
  return decoded.every((part) => part !== '.' && part !== '..' && !/[/\\\0]/.test(part));
}
