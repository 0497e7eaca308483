import { argon2id, hash, needsRehash, verify } from 'argon2';

/** What one hash costs. */
export interface HashCost {
  /** KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** The least that the OWASP Password Storage Cheat Sheet asks of argon2id: 19 MiB, two passes, one lane. */
export const HASH_COST: HashCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Turns passwords into hashes and compares them. Each call takes a core for some 15–30 ms. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
  /** Whether a stored hash was made at another cost than today's. */
  isOutdated(passwordHash: string): boolean;
}

/** argon2id (RFC 9106); the hash is a PHC string that carries its own parameters. */
export class Argon2Hasher implements PasswordHasher {
  readonly #cost: HashCost;

  constructor(cost: HashCost = HASH_COST) {
    this.#cost = cost;
  }

  hash(password: string): Promise<string> {
    return hash(password, { ...this.#cost, type: argon2id });
  }

  verify(passwordHash: string, password: string): Promise<boolean> {
    return verify(passwordHash, password);
  }

  isOutdated(passwordHash: string): boolean {
    return !passwordHash.startsWith('$argon2id$') || needsRehash(passwordHash, { ...this.#cost });
  }
}
