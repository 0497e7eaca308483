import { AppError, SECOND } from '@parley/common';
import { MongoError, WriteConcern, type ClientSession, type MongoClient } from 'mongodb';

/** Reads and writes within it happen atomically. */
export type Transaction = ClientSession;

/** Runs work in a transaction. The work may run several times; an error that it throws rolls it back. */
export type Transact = <Result>(
  work: (transaction: Transaction) => Promise<Result>,
) => Promise<Result>;

/** Milliseconds after which a transaction that always conflicts is given up. */
const PATIENCE = 10 * SECOND;

/**
 * Transactions with snapshot reads and writes journaled by a majority. A transaction that conflicts with another is repeated.
 * @throws AppError `unavailable` after 10 s of that
 */
export function transactionsOf(client: MongoClient): Transact {
  return async (work) => {
    const giveUpAt = performance.now() + PATIENCE;
    const attempt = async (session: ClientSession) => {
      if (performance.now() > giveUpAt) throw new AppError('unavailable');
      return work(session);
    };
    try {
      return await client.withSession((session) =>
        session.withTransaction(() => attempt(session), {
          readConcern: { level: 'snapshot' },
          readPreference: 'primary',
          writeConcern: new WriteConcern('majority', PATIENCE, true),
        }),
      );
    } catch (error) {
      if (isDisturbance(error)) throw new AppError('unavailable', undefined, { cause: error });
      throw error;
    }
  };
}

function isDisturbance(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel('TransientTransactionError');
}

/** The option that puts a command into a transaction, if there is one. */
export function within(transaction: Transaction | undefined): { session?: ClientSession } {
  return transaction === undefined ? {} : { session: transaction };
}
