import assert from 'node:assert/strict';

import { Argon2Hasher, HASH_COST } from '../src/accounts/password-hasher.ts';
import { AuthService, PASSWORD, assertRefused } from './support/auth-service.ts';

describe('argon2id', () => {
  const hasher = new Argon2Hasher();

  it('costs at least what OWASP recommends, and uses a salt', async () => {
    const [one, two] = [await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)];
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.notEqual(one, two);
    assert.equal(await hasher.verify(one, PASSWORD), true);
    assert.equal(await hasher.verify(two, PASSWORD), true);
    assert.equal(await hasher.verify(one, `${PASSWORD} `), false);
  });

  it('is outdated if its cost is different', async () => {
    const cheap = new Argon2Hasher({ ...HASH_COST, memoryCost: 1_024 });
    const hash = await cheap.hash(PASSWORD);
    assert.equal(cheap.isOutdated(hash), false);
    assert.equal(hasher.isOutdated(hash), true);
    assert.equal(await hasher.verify(hash, PASSWORD), true);
  });

  it('hashes all 1,024 bytes of a long password', async () => {
    const long = '\u{1f600}'.repeat(256);
    const hash = await hasher.hash(long);
    assert.equal(await hasher.verify(hash, long), true);
    assert.equal(await hasher.verify(hash, `${long.slice(0, -2)}\u{1f601}`), false);
  });

  it('is the hash that the service stores, verifies and upgrades', async () => {
    const cheap = new Argon2Hasher({ ...HASH_COST, memoryCost: 1_024 });
    const old = await AuthService.start({ overrides: { hasher: cheap } });
    await old.register('alice');
    await old.stop();
    const auth = await AuthService.start({ mongo: old.mongo, overrides: { hasher } });
    try {
      assertRefused((await auth.login('alice', 'wrong password')) as never, 'invalid_credentials');
      assertRefused((await auth.login('nobody', PASSWORD)) as never, 'invalid_credentials');
      assert.equal((await auth.login('alice', PASSWORD)).status, 200);
      const stored = await auth.mongo.db.collection('users').findOne({ username: 'alice' });
      assert.match(String(stored?.['passwordHash']), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      assert.equal((await auth.login('alice', PASSWORD)).status, 200);
    } finally {
      await auth.drop();
    }
  });
});
