import type { RunningService } from '@parley/backend-common';
import type { Partner } from '@parley/common/contract';

import { request } from './http.ts';
import type { Person } from './people.ts';

type Node = Pick<RunningService, 'url'>;

/** Creates a link code of a user, in the form that is displayed. */
export async function codeOf(node: Node, person: Person): Promise<string> {
  const { body } = await request(`${node.url}/linking`, { method: 'POST', as: person });
  return (body as { linkCode: string }).linkCode;
}

/** Confirms a link code. Returns the id of the partner, or the error code. */
export async function confirm(node: Node, person: Person, linkCode: string): Promise<string> {
  const { body, status } = await request(`${node.url}/linking/confirm`, {
    method: 'POST',
    as: person,
    body: { linkCode },
  });
  return status === 200 ? (body as Partner).id : (body as { code: string }).code;
}

/** The partner of a user; `null` if there is none. */
export async function partnerOf(node: Node, person: Person): Promise<Partner | null> {
  const { body, status } = await request(`${node.url}/partner`, { as: person });
  return status === 200 ? (body as Partner) : null;
}

/** Makes two users partners. */
export async function link(node: Node, one: Person, other: Person): Promise<void> {
  await confirm(node, other, await codeOf(node, one));
}
