import { isId } from '@parley/common';

/** The panel that the first column shows in place of the conversation list. */
export const PANELS = [
  'archived',
  'new',
  'group',
  'partner',
  'settings',
  'profile',
  'privacy',
  'blocked',
  'notifications',
  'appearance',
  'password',
  'devices',
  'keyboard',
  'delete-account',
] as const;
export type Panel = (typeof PANELS)[number];

/** The state that is kept in the address. */
export interface Route {
  readonly conversationId: string | null;
  /** Whether the details of the conversation are open. */
  readonly details: boolean;
  readonly panel: Panel | null;
}

export const HOME: Route = { conversationId: null, details: false, panel: null };

/** Parses an address; unknown addresses lead to the home route. */
export function parseRoute(pathname: string, search: string): Route {
  const [, section, id = '', rest] = pathname.split('/');
  const known = section === 'c' && isId(id);
  const panel = new URLSearchParams(search).get('panel');
  return {
    conversationId: known ? id : null,
    details: known && rest === 'details',
    panel: PANELS.find((name) => name === panel) ?? null,
  };
}

/** Formats a route as path and query. */
export function formatRoute({ conversationId, details, panel }: Route): string {
  const path = conversationId === null ? '/' : `/c/${conversationId}${details ? '/details' : ''}`;
  return panel === null ? path : `${path}?panel=${panel}`;
}

/** The pane that a narrow window shows. */
export function paneOf(route: Route): 'list' | 'conversation' | 'details' {
  if (route.panel !== null || route.conversationId === null) return 'list';
  return route.details ? 'details' : 'conversation';
}
