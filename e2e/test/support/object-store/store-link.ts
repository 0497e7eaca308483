import type { Stack } from '@parley/dev';

import type { Looking } from '../browser.ts';
import { Link } from '../links/link.ts';

/** Slower than any machine, so that an upload lasts as long as the test needs; a byte is sent soon all the same. */
const SLOW: Parameters<Link['break']>[0] = { bytesPerSecond: 500_000 };

/** The only way of browsers to the embedded object store; the test decides how fast it is. */
export interface StoreLink {
  /** What the stack is started with, so that its signed URLs lead over the link. */
  readonly env: Readonly<Record<string, string>>;
  /** Call it once the stack runs. */
  leadTo(stack: Stack): void;
  /** A file that takes part of a second otherwise is on its way until `heal`. */
  slow(): void;
  /** Resets requests on their way, and new ones. */
  cut(): void;
  heal(): void;
  close(): Promise<void>;
}

/** Opens a link on a free port. */
export async function openStoreLink(): Promise<StoreLink> {
  let target = 0;
  const link = await Link.open({
    get target() {
      return target;
    },
  });
  return {
    env: { S3_PUBLIC_ENDPOINT: `http://127.0.0.1:${link.port}` },
    leadTo: (stack) => {
      const store = stack.parts().find(({ kind }) => kind === 'object-store')!;
      target = Number(new URL(store.url).port);
    },
    slow: () => link.break(SLOW),
    cut: () => link.break({ cut: true }),
    heal: () => link.heal(),
    close: () => link.close(),
  };
}

/** The ring of an upload of which a part is sent, but not all. */
export const uploadUnderWay = ({ page }: Looking) =>
  page.getByRole('button', { name: /^Cancel upload, [1-9]\d? %/ });
