import type { HttpBinding } from '@parley/common/contract';

/** A path as OpenAPI writes it: `/api/users/{id}`. */
export function publicPath({ path }: HttpBinding): string {
  return `/api${path.replace(/:([A-Za-z]+)/g, '{$1}')}`;
}

/** Names of the fields that are segments of the path. */
export function pathFields({ path }: HttpBinding): string[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].flatMap(([, name]) => name ?? []);
}

/** Whether the fields that are not in the path are sent as a body, and not in the query. */
export function hasBody({ method }: HttpBinding): boolean {
  return method !== 'GET' && method !== 'DELETE';
}
