import type { PlatformLock } from '../../src/core/platform.ts';

/** Locks as browsers have them: a name is held by one, the others wait. */
export class Locks {
  readonly #queues = new Map<string, (() => void)[]>();

  request(name: string): PlatformLock {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    let grant: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      grant = resolve;
    });
    queue.push(grant);
    if (queue.length === 1) grant();
    const release = () => {
      const place = queue.indexOf(grant);
      if (place >= 0) queue.splice(place, 1);
      if (place === 0) queue[0]?.();
    };
    return { held, release };
  }
}
