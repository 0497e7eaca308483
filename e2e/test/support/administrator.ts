import assert from 'node:assert/strict';
import { MongoClient } from 'mongodb';

import { call, register } from './plain-client.ts';
import type { TestStack } from './stack.ts';

/** The username to list in `PARLEY_ADMINS` of a stack that has an {@link Administrator}. */
export const ADMINISTRATOR = 'the-operator';

/** Somebody who may call the operations under `/admin`. */
export class Administrator {
  readonly #origin: string;
  readonly #token: string;

  private constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  /** Registers somebody under another name: a listed one cannot be registered. */
  static async of({ origin, stack }: TestStack): Promise<Administrator> {
    const { token, userId } = await register(origin, 'Olga');
    const client = new MongoClient(stack.mongodbUri, { writeConcern: { w: 'majority' } });
    try {
      await client
        .db()
        .collection<{ _id: string }>('users')
        .updateOne({ _id: userId }, { $set: { username: ADMINISTRATOR } });
    } finally {
      await client.close();
    }
    return new Administrator(origin, token);
  }

  /** Does something to a user, such as `suspend`. */
  async does(act: string, { username }: { readonly username: string }) {
    const path = `/admin/users/${username}/${act}`;
    const answer = await call(this.#origin, { method: 'POST', path, token: this.#token });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }
}
