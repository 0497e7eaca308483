import { isId } from '@parley/common';

/** What the first column shows instead of the conversations. */
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
] as const;
export type Panel = (typeof PANELS)[number];

/** Everything the address says about what is shown. */
export interface Route {
  readonly conversationId: string | null;
  /** Whether the details of the conversation are open. */
  readonly details: boolean;
  readonly panel: Panel | null;
}

export const HOME: Route = { conversationId: null, details: false, panel: null };

/** Reads an address; what it does not know leads home. */
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

/** The address of a route, as path and query. */
export function formatRoute({ conversationId, details, panel }: Route): string {
  const path = conversationId === null ? '/' : `/c/${conversationId}${details ? '/details' : ''}`;
  return panel === null ? path : `${path}?panel=${panel}`;
}

/** The pane that a narrow window shows. */
export function paneOf(route: Route): 'list' | 'conversation' | 'details' {
  if (route.panel !== null || route.conversationId === null) return 'list';
  return route.details ? 'details' : 'conversation';
}
