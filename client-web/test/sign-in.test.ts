import assert from 'node:assert/strict';
import { AppError } from '@parley/common';

import { checkRegistration, checkSignIn } from '../src/features/sign-in/check-input.ts';
import { deviceNameOf } from '../src/features/sign-in/device-name.ts';
import { faultsOf } from '../src/features/sign-in/sign-in-faults.ts';

describe('registration input', () => {
  it('is accepted when it is valid', () => {
    assert.deepEqual(checkRegistration('Ada-99', 'eight888'), {});
    assert.deepEqual(checkRegistration('abc', '🔒🔒🔒🔒🔒🔒🔒🔒'), {});
  });

  for (const username of ['', 'ab', '-ada', 'ada.', 'Ädä', 'a b', 'x'.repeat(33), '@ada']) {
    it(`rejects the username "${username}"`, () => {
      assert.ok(checkRegistration(username, 'eight888').username);
    });
  }

  it('rejects a short password, counted in characters', () => {
    assert.ok(checkRegistration('ada', 'seven77').password);
    assert.ok(checkRegistration('ada', '🔒🔒🔒🔒').password);
  });
});

describe('sign-in input', () => {
  it('is only checked for missing fields', () => {
    assert.deepEqual(checkSignIn('x', 'y'), {});
    assert.deepEqual(Object.keys(checkSignIn(' ', '')), ['username', 'password']);
  });
});

describe('sign-in error', () => {
  it('is shown next to the field that it concerns', () => {
    assert.ok(faultsOf(new AppError('username_taken')).username);
    const issues = [{ path: 'password', message: 'too common' }];
    assert.ok(faultsOf(new AppError('invalid_input', undefined, { issues })).password);
    assert.deepEqual(faultsOf(new AppError('unavailable')), {});
  });
});

describe('device name', () => {
  it('is recognisable to the user', () => {
    const chrome = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
    assert.equal(deviceNameOf(chrome), 'Chrome on Windows');
    assert.equal(deviceNameOf(`${chrome} Edg/140.0`), 'Edge on Windows');
    const iphone =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1';
    assert.equal(deviceNameOf(iphone), 'Safari on iPhone');
    assert.equal(deviceNameOf('curl'), 'Browser');
  });
});
