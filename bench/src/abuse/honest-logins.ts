import { randomBytes } from 'node:crypto';

import { percentile } from '../statistics.ts';

const EVERY = 1_000;

/** A user who logs in once a second while an attack is in progress. */
export class HonestLogins {
  readonly #login: () => Promise<boolean>;
  readonly #samples: { readonly at: number; readonly took: number }[] = [];
  #failed = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(login: () => Promise<boolean>) {
    this.#login = login;
  }

  /** Registers the user at the auth service. */
  static async start(url: string): Promise<HonestLogins> {
    const body = JSON.stringify({
      username: `honest-${randomBytes(4).toString('hex')}`,
      password: randomBytes(16).toString('base64url'),
    });
    const post = async (path: string): Promise<boolean> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body });
      await answer.arrayBuffer();
      return answer.ok;
    };
    if (!(await post('/auth/register'))) throw new Error('The honest user could not register');
    const honest = new HonestLogins(() => post('/auth/login'));
    honest.#timer = setInterval(() => void honest.#once(), EVERY);
    return honest;
  }

  /** p99 of the logins that began between two times of `performance.now()` and are answered. */
  between(from: number, to: number): number {
    const within = this.#samples.filter(({ at }) => at >= from && at < to);
    return percentile(
      within.map(({ took }) => took).sort((one, other) => one - other),
      0.99,
    );
  }

  /** Logins that were refused or not answered. */
  get failed(): number {
    return this.#failed;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #once(): Promise<void> {
    const at = performance.now();
    const isOk = await this.#login().catch(() => false);
    if (isOk) this.#samples.push({ at, took: performance.now() - at });
    else this.#failed += 1;
  }
}
