import assert from 'node:assert/strict';
import { LeaseQueue, type Leased, type LeaseQueueOptions } from '@parley/backend-common';
import { testMongo, type TestMongo } from '@parley/backend-common/testing';

/** An item of the queue that tests lease. */
export interface Letter {
  _id: string;
  text?: string;
  dueAt?: Date;
  claim?: string;
  attempts?: number;
  failedAt?: Date;
  note?: string;
}

/** When each test starts, in milliseconds. */
export const START = Date.parse('2026-03-01T12:00:00Z');

/** A time some milliseconds after the start. */
export const at = (milliseconds: number) => new Date(START + milliseconds);

/** A collection of letters for the tests of one `describe`, empty for each, and a clock that they set. */
export class Letters {
  now = START;
  #tokens = 0;
  #mongo: TestMongo | undefined;

  constructor() {
    before(async () => {
      this.#mongo = await testMongo();
      await this.collection.createIndexes([{ key: { dueAt: 1 }, name: 'due', sparse: true }]);
    });
    after(() => this.mongo.drop());
    beforeEach(async () => {
      this.now = START;
      this.#tokens = 0;
      await this.collection.deleteMany({});
    });
  }

  get mongo(): TestMongo {
    assert.ok(this.#mongo !== undefined);
    return this.#mongo;
  }

  get collection() {
    return this.mongo.db.collection<Letter>('letters');
  }

  find(_id: string) {
    return this.collection.findOne({ _id });
  }

  async write(...items: Letter[]): Promise<void> {
    await this.collection.insertMany(items);
  }

  /** A queue over the letters whose leases last 30 s of the test's clock. */
  queue(options: Partial<LeaseQueueOptions> = {}): LeaseQueue<Letter> {
    return new LeaseQueue(this.collection, {
      name: 'letters',
      fields: { due: 'dueAt', token: 'claim', attempts: 'attempts' },
      duration: 30_000,
      time: () => new Date(this.now),
      newToken: () => `token-${(this.#tokens += 1)}`,
      random: () => 0.5,
      ...options,
    });
  }

  /** Leases the oldest letter. */
  async claimOne(queue: LeaseQueue<Letter>): Promise<Leased<Letter>> {
    const [leased] = await queue.claim(1);
    assert.ok(leased !== undefined);
    return leased;
  }
}
