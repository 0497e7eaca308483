import { AppError } from '@parley/common';
import type { AuthOperations, CallOf, User } from '@parley/common/contract';

import { codeOf } from '../ui/error-text.ts';
import type { Bff } from './bff.ts';

/** The sign-in state of the page. */
export type SessionState =
  /** No user is stored on this device; the server has not answered yet. */
  | { readonly status: 'checking' }
  /** The server did not answer. */
  | { readonly status: 'unreachable' }
  /** `ended`: the session expired or was ended from elsewhere. */
  | { readonly status: 'signed-out'; readonly ended: boolean }
  | { readonly status: 'signed-in'; readonly user: User };

export interface SessionStoreDeps {
  readonly bff: Pick<Bff, 'deleteMe' | 'register' | 'login' | 'logout' | 'me'>;
  /** Stores the signed-in user, so that the next start shows the cache immediately. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/** The storage key of the last signed-in user. */
export const USER_KEY = 'parley:user';

/** Holds the sign-in state. React binds to `subscribe` and `get`. */
export class SessionStore {
  readonly #deps: SessionStoreDeps;
  readonly #listeners = new Set<() => void>();
  #state: SessionState;
  /** True while signing out, when the end of the session is expected. */
  #leaving = false;
  /** Whether the session has ended since then. */
  #hasEnded = false;

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

  /** Asks the server who is signed in. If it does not answer, a stored user stays signed in. */
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
   * Ends the session on the server, deletes the data on this device (`wipe`) and forgets the user.
   * Rejects and changes nothing if the server cannot be reached.
   */
  async logout(wipe: () => Promise<void>): Promise<void> {
    await this.#leave(async () => {
      await this.#deps.bff.logout().catch(unlessSignedOut);
      this.#hasEnded = true;
      await wipe();
    });
  }

  /**
   * Deletes the account, then the data on this device (`wipe`), and forgets the user.
   * Rejects if the password is wrong or the server cannot be reached, and changes nothing unless the session has ended:
   * the account may be deleted although the answer was lost.
   */
  async deleteAccount(password: string, wipe: () => Promise<void>): Promise<void> {
    await this.#leave(async () => {
      await this.#deps.bff.deleteMe({ password });
      this.#hasEnded = true;
      // Removes the cookie. The session has ended, and so has the page's use of it, whatever the answer is.
      await this.#deps.bff.logout().catch(() => undefined);
      await wipe();
    });
  }

  async #leave(run: () => Promise<void>): Promise<void> {
    this.#leaving = true;
    try {
      await run();
      this.end(false);
    } catch (error) {
      this.#leaving = false;
      if (this.#hasEnded || isSignedOut(error)) this.end(true);
      throw error;
    } finally {
      this.#leaving = false;
      this.#hasEnded = false;
    }
  }

  /** Marks the session as over; `ended`: it was not ended on this page. */
  end(ended: boolean): void {
    if (ended && this.#leaving) {
      this.#hasEnded = true;
      return;
    }
    this.#deps.storage.removeItem(USER_KEY);
    this.#set({ status: 'signed-out', ended });
  }

  /** Stores the user's own profile as returned by the server. */
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

/** Whether an error means that there is no session. */
export function isSignedOut(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === 'unauthenticated' ||
    code === 'session_expired' ||
    code === 'account_suspended' ||
    (error instanceof AppError && error.status === 401 && code !== 'invalid_credentials')
  );
}
