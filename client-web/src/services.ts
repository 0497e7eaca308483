import type { Client } from '@parley/client-common';
import type { User } from '@parley/common/contract';
import { createContext, use, useSyncExternalStore } from 'react';

import type { Navigation } from './navigation.ts';
import type { Parts } from './parts.ts';
import type { Route } from './route.ts';
import type { Bff } from './session/bff.ts';
import type { SessionStore } from './session/session-store.ts';

/** The dependencies of the app, created in `main.tsx` and by tests. */
export interface Services {
  readonly bff: Bff;
  readonly session: SessionStore;
  readonly navigation: Navigation;
  /** The token of the link for a new password that the page was opened with; `null` on other pages. */
  readonly resetToken: () => string | null;
  /** Creates the client of a signed-in user without starting it. */
  readonly makeClient: (user: User) => Client;
  /** Creates the parts that belong to a client. */
  readonly makeParts: (client: Client) => Parts;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = use(ServicesContext);
  if (services === null) throw new Error('No ServicesContext around this component');
  return services;
}

/** The signed-in user. Use it only inside the signed-in part of the app. */
export function useSelf(): User {
  const { session } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.get, session.get);
  const user = state.status === 'signed-in' ? state.user : null;
  if (user === null) throw new Error('Nobody is signed in');
  return user;
}

/** The current route; the component re-renders when it changes. */
export function useRoute(): Route {
  const { navigation } = useServices();
  return useSyncExternalStore(navigation.subscribe, navigation.current, navigation.current);
}

export function useNavigation(): Navigation {
  return useServices().navigation;
}
