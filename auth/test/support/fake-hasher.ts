import type { PasswordHasher } from '../../src/accounts/password-hasher.ts';

/** A hasher that takes no time, and records its calls. */
export class FakeHasher implements PasswordHasher {
  readonly verified: { passwordHash: string; password: string }[] = [];
  hashed = 0;
  /** The cost of new hashes. A hash of another cost is outdated. */
  cost = 1;
  #gate: Promise<void> = Promise.resolve();
  #open = (): void => undefined;

  /** Keeps every hash waiting until `release`. */
  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#open();
  }

  async hash(password: string): Promise<string> {
    this.hashed += 1;
    await this.#gate;
    return `fake$${this.cost}$${Buffer.from(password).toString('hex')}`;
  }

  async verify(passwordHash: string, password: string): Promise<boolean> {
    this.verified.push({ passwordHash, password });
    await this.#gate;
    return passwordHash.split('$')[2] === Buffer.from(password).toString('hex');
  }

  isOutdated(passwordHash: string): boolean {
    return passwordHash.split('$')[1] !== String(this.cost);
  }
}
