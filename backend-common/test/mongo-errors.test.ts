import assert from 'node:assert/strict';
import { isMongoUnavailable, isServiceFailure, toServiceError } from '@parley/backend-common';
import { AppError } from '@parley/common';
import {
  MongoBulkWriteError,
  MongoClient,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoWriteConcernError,
} from 'mongodb';

const serverError = (code: number) => new MongoServerError({ message: 'refused', code });

const AVAILABLE_AGAIN_LATER: Record<string, Error> = {
  'a connection that the server has ended': Object.assign(
    new Error('This socket has been ended by the other party'),
    { code: 'EPIPE' },
  ),
  'a broken connection': new MongoNetworkError('closed'),
  'a socket timeout': new MongoNetworkTimeoutError('timed out'),
  'a client without a connection': new MongoNotConnectedError('not connected'),
  'an operation timeout': new MongoOperationTimeoutError('timed out'),
  'a primary that stepped down': serverError(189),
  'a member that is not the primary': serverError(10107),
  'a server that shuts down': serverError(91),
  'a time limit of the server': serverError(50),
  'a write concern that needs more members than there are': new MongoWriteConcernError({
    ok: 1,
    writeConcernError: { code: 100, errmsg: 'Not enough data-bearing nodes' },
  }),
  'a write concern that timed out': new MongoWriteConcernError({
    ok: 1,
    writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
  }),
};

const FAULTS: Record<string, unknown> = {
  'a duplicate key': serverError(11000),
  'a document that fails validation': serverError(121),
  'a missing right': serverError(13),
  'a wrong call of the driver': new MongoInvalidArgumentError('wrong'),
  'an error of ours': new TypeError('wrong'),
  'something that is not an error': { code: 10107 },
};

describe('errors of MongoDB', () => {
  for (const [name, error] of Object.entries(AVAILABLE_AGAIN_LATER)) {
    it(`answers unavailable for ${name}`, () => {
      const { cause, code, retryable, status } = toServiceError(error);
      assert.deepEqual(
        { code, retryable, status },
        { code: 'unavailable', retryable: true, status: 503 },
      );
      assert.equal(cause, error);
      assert.equal(isServiceFailure(toServiceError(error)), true);
    });
  }

  for (const [name, error] of Object.entries(FAULTS)) {
    it(`answers internal for ${name}`, () => {
      assert.equal(toServiceError(error).code, 'internal');
      assert.equal(isServiceFailure(toServiceError(error)), true);
    });
  }

  it('passes an AppError on, and does not count a refusal as a failure', () => {
    const refusal = new AppError('conflict');
    assert.equal(toServiceError(refusal), refusal);
    assert.equal(isServiceFailure(refusal), false);
  });

  it('recognises what the driver throws if no server can be selected', async () => {
    const client = new MongoClient('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50');
    await assert.rejects(client.connect(), isMongoUnavailable);
    await client.close();
  });

  it('recognises a bulk write that lost its primary', () => {
    const error = new MongoBulkWriteError(
      { message: 'not primary', code: 10107, writeErrors: [] },
      undefined as never,
    );
    assert.equal(isMongoUnavailable(error), true);
  });
});
