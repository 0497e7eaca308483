import { randomUUID } from 'node:crypto';

/** The id under which a request is logged: that of the caller if it is harmless, otherwise a new one. */
export function chooseRequestId(given: string): string {
  return /^[A-Za-z0-9-]{8,64}$/.test(given) ? given : randomUUID();
}
