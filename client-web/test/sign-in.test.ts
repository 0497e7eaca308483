import assert from 'node:assert/strict';
import { AppError } from '@parley/common';

import { checkRegistration, checkSignIn } from '../src/features/sign-in/check-input.ts';
import { deviceNameOf } from '../src/features/sign-in/device-name.ts';
import { faultsOf } from '../src/features/sign-in/sign-in-faults.ts';

describe('what somebody types to make an account', () => {
  it('is taken when it fits', () => {
    assert.deepEqual(checkRegistration('Ada-99', 'eight888'), {});
    assert.deepEqual(checkRegistration('abc', '🔒🔒🔒🔒🔒🔒🔒🔒'), {});
  });

  for (const username of ['', 'ab', '-ada', 'ada.', 'Ädä', 'a b', 'x'.repeat(33), '@ada']) {
    it(`has no username like "${username}"`, () => {
      assert.ok(checkRegistration(username, 'eight888').username);
    });
  }

  it('has no short password, counted in characters', () => {
    assert.ok(checkRegistration('ada', 'seven77').password);
    assert.ok(checkRegistration('ada', '🔒🔒🔒🔒').password);
  });
});

describe('what somebody types to sign in', () => {
  it('is only missing or there', () => {
    assert.deepEqual(checkSignIn('x', 'y'), {});
    assert.deepEqual(Object.keys(checkSignIn(' ', '')), ['username', 'password']);
  });
});

describe('a refusal', () => {
  it('stands beside the field that it is about', () => {
    assert.ok(faultsOf(new AppError('username_taken')).username);
    const issues = [{ path: 'password', message: 'too common' }];
    assert.ok(faultsOf(new AppError('invalid_input', undefined, { issues })).password);
    assert.deepEqual(faultsOf(new AppError('unavailable')), {});
  });
});

describe('the name of a device', () => {
  it('is one that the person recognises', () => {
    const chrome = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
    assert.equal(deviceNameOf(chrome), 'Chrome on Windows');
    assert.equal(deviceNameOf(`${chrome} Edg/140.0`), 'Edge on Windows');
    const iphone =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1';
    assert.equal(deviceNameOf(iphone), 'Safari on iPhone');
    assert.equal(deviceNameOf('curl'), 'Browser');
  });
});
