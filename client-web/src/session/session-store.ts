import { AppError } from '@parley/common';
import type { AuthOperations, CallOf, User } from '@parley/common/contract';

import { codeOf } from '../ui/error-text.ts';
import type { Bff } from './bff.ts';

/** Who uses the page. */
export type SessionState =
  /** Nobody is known on this device yet; the server is being asked. */
  | { readonly status: 'checking' }
  /** The server could not be asked. */
  | { readonly status: 'unreachable' }
  /** `ended`: the session was ended from elsewhere, or ran out. */
  | { readonly status: 'signed-out'; readonly ended: boolean }
  | { readonly status: 'signed-in'; readonly user: User };

export interface SessionStoreDeps {
  readonly bff: Pick<Bff, 'register' | 'login' | 'logout' | 'me'>;
  /** Remembers who is signed in, so that the next start shows the cache at once. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/** Where the last signed-in person is remembered on this device. */
export const USER_KEY = 'parley:user';

/** Keeps who is signed in. React binds to `subscribe` and `get`. */
export class SessionStore {
  readonly #deps: SessionStoreDeps;
  readonly #listeners = new Set<() => void>();
  #state: SessionState;
  /** While signing out, the end of the session is no surprise. */
  #leaving = false;

  constructor(deps: SessionStoreDeps) {
    this.#deps = deps;
    const user = this.#remembered();
    this.#state = user === null ? { status: 'checking' } : { status: 'signed-in', user };
  }

  readonly get = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Asks the server who is signed in. Without an answer, a remembered person stays. */
  async check(): Promise<void> {
    const before = this.#state;
    if (before.status === 'unreachable') this.#set({ status: 'checking' });
    try {
      this.setUser(await this.#deps.bff.me());
    } catch (error) {
      if (isSignedOut(error)) this.end(before.status === 'signed-in');
      else if (before.status !== 'signed-in') this.#set({ status: 'unreachable' });
    }
  }

  async register(input: CallOf<AuthOperations['auth:register']>): Promise<void> {
    this.setUser((await this.#deps.bff.register(input)).user);
  }

  async login(input: CallOf<AuthOperations['auth:login']>): Promise<void> {
    this.setUser((await this.#deps.bff.login(input)).user);
  }

  /**
   * Ends the session on the server, cleans up what this device keeps (`wipe`) and forgets the
   * person. Without the server it rejects and nothing changes.
   */
  async logout(wipe: () => Promise<void>): Promise<void> {
    this.#leaving = true;
    try {
      await this.#deps.bff.logout().catch(unlessSignedOut);
      await wipe();
      this.end(false);
    } finally {
      this.#leaving = false;
    }
  }

  /** The session is over; `ended` says that this was not done here. */
  end(ended: boolean): void {
    if (ended && this.#leaving) return;
    this.#deps.storage.removeItem(USER_KEY);
    this.#set({ status: 'signed-out', ended });
  }

  /** The own profile as the server answered it. */
  setUser(user: User): void {
    this.#deps.storage.setItem(USER_KEY, JSON.stringify(user));
    this.#set({ status: 'signed-in', user });
  }

  #remembered(): User | null {
    try {
      const stored = this.#deps.storage.getItem(USER_KEY);
      return stored === null ? null : (JSON.parse(stored) as User);
    } catch {
      return null;
    }
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

function unlessSignedOut(error: unknown): void {
  if (!isSignedOut(error)) throw error;
}

/** Whether an error says that there is no session. */
export function isSignedOut(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === 'unauthenticated' ||
    code === 'session_expired' ||
    code === 'account_suspended' ||
    (error instanceof AppError && error.status === 401 && code !== 'invalid_credentials')
  );
}
