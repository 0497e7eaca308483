import { Component, type ReactNode } from 'react';

/** Renderings of the children that may fail within `WITHIN` milliseconds before the fallback stays. */
const ATTEMPTS = 3;
const WITHIN = 10_000;

export interface ErrorBoundaryProps {
  readonly children: ReactNode;
  /** Shown when the children fail again and again. `retry` renders them once more. */
  readonly fallback: (retry: () => void) => ReactNode;
}

interface State {
  readonly hasFailed: boolean;
  /** Counts up with each new rendering of the children. */
  readonly rendering: number;
}

/**
 * Renders its children anew, with new elements, after an error. Extensions and the translation of a page move text
 * nodes, and React fails when it removes one from where it was; that error is over once the elements are new.
 */
export class ErrorBoundary extends Component<ErrorBoundaryProps, State> {
  override state: State = { hasFailed: false, rendering: 0 };
  #failures: number[] = [];

  static getDerivedStateFromError(): Partial<State> {
    return { hasFailed: true };
  }

  override componentDidCatch(): void {
    const now = performance.now();
    this.#failures = [...this.#failures.filter((at) => now - at < WITHIN), now];
    if (this.#failures.length < ATTEMPTS) this.#retry();
  }

  override render(): ReactNode {
    const { children, fallback } = this.props;
    const { hasFailed, rendering } = this.state;
    return hasFailed ? fallback(this.#retry) : <Anew key={rendering}>{children}</Anew>;
  }

  readonly #retry = (): void => {
    this.setState(({ rendering }) => ({ hasFailed: false, rendering: rendering + 1 }));
  };
}

/** Another `key` makes new elements of all children. */
function Anew({ children }: { readonly children: ReactNode }) {
  return children;
}
