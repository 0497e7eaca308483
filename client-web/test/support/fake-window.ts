import type { NavigationWindow } from '../../src/navigation.ts';

interface Step {
  readonly state: unknown;
  readonly path: string;
}

/** An in-memory `window` history and location. `back` and `forward` take effect immediately. */
export function fakeWindow(path = '/'): NavigationWindow & { readonly path: () => string } {
  const steps: Step[] = [{ state: null, path }];
  let at = 0;
  const listeners = new Set<() => void>();
  const now = (): Step => steps[at] ?? { state: null, path: '/' };
  const url = () => new URL(now().path, 'http://localhost');
  const go = (by: number) => {
    at = Math.min(Math.max(0, at + by), steps.length - 1);
    for (const listener of [...listeners]) listener();
  };
  const history = {
    get state() {
      return now().state;
    },
    pushState: (state: unknown, _title: string, next: string) => {
      steps.splice(at + 1, steps.length, { state, path: next });
      at += 1;
    },
    replaceState: (state: unknown, _title: string, next: string) => {
      steps[at] = { state, path: next };
    },
    back: () => go(-1),
    forward: () => go(1),
  };
  const location = {
    get pathname() {
      return url().pathname;
    },
    get search() {
      return url().search;
    },
  };
  return {
    history,
    location,
    addEventListener: (_type: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: () => void) => listeners.delete(listener),
    path: () => now().path,
  } as unknown as NavigationWindow & { readonly path: () => string };
}
