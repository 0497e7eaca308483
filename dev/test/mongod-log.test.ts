import assert from 'node:assert/strict';
import { reasonIn } from '../src/engines/mongod-log.ts';

const line = (s: string, msg: string, attr?: object) => JSON.stringify({ s, msg, attr });

describe('the reason why MongoDB ended', () => {
  it('is its first error, not the consequences', () => {
    const lines = [
      line('I', 'Build Info', { error: 'none' }),
      line('E', 'WiredTiger error message', {
        error: -31809,
        message: { error_str: 'WT_TRY_SALVAGE: database corruption detected' },
      }),
      line('F', 'Fatal assertion', { msgid: 50853 }),
    ];
    assert.equal(reasonIn(lines), 'WT_TRY_SALVAGE: database corruption detected');
  });

  it('is reported in the words of the error', () => {
    const text = line('E', 'DBException', { error: 'NonExistentPath: /x not found.' });
    assert.equal(reasonIn([text]), 'NonExistentPath: /x not found.');
    const coded = line('E', 'Error setting up listener', {
      error: { code: 9001, errmsg: 'Address already in use' },
    });
    assert.equal(reasonIn([coded]), 'Address already in use');
    assert.equal(reasonIn([line('F', 'Out of memory')]), 'Out of memory');
  });

  it('is the last line if the server did not start its log', () => {
    assert.equal(reasonIn(['Error parsing command line', 'try --help']), 'try --help');
    assert.equal(reasonIn([]), 'it gave no reason');
  });
});
