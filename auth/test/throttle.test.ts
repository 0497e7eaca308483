import assert from 'node:assert/strict';
import { HOUR, MINUTE, SECOND } from '@parley/common';

import { AuthService, PASSWORD, addressOf, assertRefused } from './support/auth-service.ts';

const ELSEWHERE = '198.51.100.7';

describe('the throttle of logins', () => {
  let auth: AuthService;
  beforeEach(async () => {
    auth = await AuthService.start();
    await auth.register('alice');
  });
  afterEach(() => auth.drop());

  /** Guesses until the answer is no longer "wrong"; returns the number of allowed guesses, and the refusal. */
  const guess = async (username: string, from: string, most = 300) => {
    for (let count = 0; count < most; count += 1) {
      const answer = await auth.login(username, `guess number ${count}`, from);
      if (answer.status !== 401) {
        assertRefused(answer as never, 'rate_limited');
        return { count, refusal: answer as never as { data: { retryAfterMs: number } } };
      }
    }
    throw new Error(`${most} guesses were let through`);
  };

  it('allows ten guesses from an unknown address, then one every 15 minutes', async () => {
    const { count, refusal } = await guess('alice', ELSEWHERE);
    assert.equal(count, 10);
    assert.equal(refusal.data.retryAfterMs, 15 * MINUTE);
    auth.clock.now += 15 * MINUTE;
    assert.equal((await guess('alice', ELSEWHERE)).count, 1);
  });

  it('decides before any hash is computed', async () => {
    await guess('alice', ELSEWHERE);
    const { length } = auth.hasher.verified;
    assertRefused((await auth.login('alice', PASSWORD, ELSEWHERE)) as never, 'rate_limited');
    assert.equal(auth.hasher.verified.length, length);
  });

  it('treats unknown usernames like known ones', async () => {
    const known = await guess('alice', '198.51.100.1');
    const unknown = await guess('nobody', '198.51.100.2');
    assert.equal(unknown.count, known.count);
    assert.equal(unknown.refusal.data.retryAfterMs, known.refusal.data.retryAfterMs);
  });

  it('slows all unknown addresses down together, while the owner can log in from a known one', async () => {
    let through = 0;
    for (let stranger = 0; stranger < 11; stranger += 1) {
      for (let count = 0; count < 10; count += 1) {
        const { status } = await auth.login('alice', 'wrong', `198.51.100.${stranger}`);
        through += status === 401 ? 1 : 0;
      }
    }
    assert.equal(through, 100);
    assertRefused((await auth.login('alice', PASSWORD, '203.0.113.1')) as never, 'rate_limited');
    assert.equal((await auth.login('alice', PASSWORD)).status, 200);
    // An attempt that is refused because of other addresses does not use up the limit of this address.
    for (let count = 0; count < 11; count += 1) {
      assert.equal((await auth.login('alice', 'wrong', '203.0.113.9')).status, 429);
    }
    auth.clock.now += 20 * SECOND;
    assert.equal((await guess('alice', '203.0.113.9')).count, 1);
  });

  it('lets the owner in from a new address while one other address keeps guessing', async () => {
    for (let minute = 0; minute < 120; minute += 5) {
      auth.clock.now += 5 * MINUTE;
      await auth.login('alice', 'wrong password', ELSEWHERE);
    }
    assert.equal((await auth.login('alice', PASSWORD, '203.0.113.1')).status, 200);
  });

  it('slows down an address that tries many usernames', async () => {
    const statuses: number[] = [];
    for (let name = 0; name < 125; name += 1) {
      auth.clock.now += SECOND / 2;
      statuses.push((await auth.login(`name-${name}`, 'wrong password', ELSEWHERE)).status);
    }
    // A hundred, and one more for each six of the 62 seconds between the first and the last.
    assert.equal(statuses.filter((status) => status === 401).length, 110);
    assert.equal((await auth.login('alice', PASSWORD)).status, 200);
  });

  it('counts an IPv6 network as one address', async () => {
    await guess('alice', '2001:db8:1:2::1');
    assertRefused(
      (await auth.login('alice', PASSWORD, '2001:db8:1:2:ffff::9')) as never,
      'rate_limited',
    );
    assert.equal((await auth.login('alice', PASSWORD, '2001:db8:1:3::1')).status, 200);
  });

  it('gives the owner another attempt every ten seconds after ten mistakes', async () => {
    const own = addressOf('alice');
    const { count, refusal } = await guess('alice', own);
    assert.equal(count, 10);
    assert.equal(refusal.data.retryAfterMs, 10 * SECOND);
    auth.clock.now += 10 * SECOND;
    assert.equal((await auth.login('alice', PASSWORD, own)).status, 200);
    assert.equal((await guess('alice', own)).count, 10);
  });

  it('resets after a correct password, which does not count', async () => {
    for (let round = 0; round < 5; round += 1) {
      for (let count = 0; count < 9; count += 1) {
        assert.equal((await auth.login('alice', 'wrong password', ELSEWHERE)).status, 401);
        auth.clock.now += 2;
      }
      assert.equal((await auth.login('alice', PASSWORD, ELSEWHERE)).status, 200);
    }
  });

  it('does not count a correct password from a new address', async () => {
    assert.equal((await auth.login('alice', PASSWORD, ELSEWHERE)).status, 200);
    const limits = auth.mongo.db.collection<{ fullAt: number }>('login_limits');
    const counted = await limits.countDocuments({ fullAt: { $gt: auth.clock.now } });
    const registration = 1;
    assert.equal(counted, registration);
  });

  it('counts simultaneous guesses', async () => {
    const guesses = [];
    for (let batch = 0; batch < 10; batch += 1) {
      guesses.push(
        ...(await Promise.all(
          ['one', 'two', 'three'].map((word) => auth.login('alice', `wrong ${word}`, ELSEWHERE)),
        )),
      );
    }
    assert.equal(guesses.filter(({ status }) => status === 401).length, 10);
  });

  it('keeps its counts and known addresses across a restart', async () => {
    await guess('alice', ELSEWHERE);
    await auth.stop();
    const again = await AuthService.start({ mongo: auth.mongo });
    try {
      again.clock.now = auth.clock.now;
      assertRefused((await again.login('alice', PASSWORD, ELSEWHERE)) as never, 'rate_limited');
      assert.equal((await again.login('alice', PASSWORD)).status, 200);
    } finally {
      await again.stop();
    }
  });

  it('stores neither usernames nor addresses', async () => {
    await guess('alice', ELSEWHERE);
    await auth.login('a-secret-typed-as-name', 'wrong password', ELSEWHERE);
    for (const name of ['login_limits', 'login_places']) {
      const documents = await auth.mongo.db.collection(name).find().toArray();
      assert.ok(documents.length > 0);
      assert.doesNotMatch(JSON.stringify(documents), /alice|secret|198\.51\./);
    }
  });

  it('deletes its documents when they expire', async () => {
    await guess('alice', ELSEWHERE);
    const limits = auth.mongo.db.collection<{ removeAt: Date; fullAt: number }>('login_limits');
    const removal = (await limits.find().toArray()).map(({ removeAt }) => removeAt.getTime());
    assert.equal(Math.max(...removal), auth.clock.now + 150 * MINUTE);
    const indexes = await limits.listIndexes().toArray();
    assert.ok(indexes.some((index) => index['expireAfterSeconds'] === 0));
  });
});

describe('the throttle of registrations', () => {
  const register = (auth: AuthService, username: string, from: string) =>
    auth.call('POST', '/auth/register', { body: { username, password: PASSWORD }, from });

  it('allows ten accounts per address and hour', async () => {
    const auth = await AuthService.start();
    try {
      for (let count = 0; count < 10; count += 1) {
        assert.equal((await register(auth, `user-${count}`, ELSEWHERE)).status, 201);
      }
      const refused = await register(auth, 'user-10', ELSEWHERE);
      assertRefused(refused, 'rate_limited');
      assert.equal(refused.data['retryAfterMs'], HOUR / 10);
      assert.equal((await register(auth, 'user-10', '203.0.113.5')).status, 201);
      auth.clock.now += HOUR / 10;
      assert.equal((await register(auth, 'user-11', ELSEWHERE)).status, 201);
    } finally {
      await auth.drop();
    }
  });

  it('does not count taken usernames', async () => {
    const auth = await AuthService.start();
    try {
      await auth.register('taken');
      for (let count = 0; count < 12; count += 1) {
        assertRefused(await register(auth, 'taken', ELSEWHERE), 'username_taken');
      }
      assert.equal((await register(auth, 'free-name', ELSEWHERE)).status, 201);
    } finally {
      await auth.drop();
    }
  });
});

describe('requests from one address', () => {
  it('are refused from memory beyond a burst of 60', async () => {
    const auth = await AuthService.start();
    try {
      const statuses = [];
      for (let count = 0; count < 70; count += 1) {
        statuses.push((await auth.login(`name-${count}`, 'wrong password', ELSEWHERE)).status);
      }
      assert.ok(statuses.slice(0, 60).every((status) => status === 401));
      assert.equal(statuses.at(-1), 429);
    } finally {
      await auth.drop();
    }
  });
});

describe('with PARLEY_RATE_LIMITS=off', () => {
  let auth: AuthService;
  before(async () => {
    auth = await AuthService.start({ env: { PARLEY_RATE_LIMITS: 'off' } });
  });
  after(() => auth.drop());

  it('an address may register and log in without limit', async () => {
    for (let count = 0; count < 12; count += 1) {
      const body = { username: `user-${count}`, password: PASSWORD };
      const from = ELSEWHERE;
      assert.equal((await auth.call('POST', '/auth/register', { body, from })).status, 201);
    }
    for (let count = 0; count < 62; count += 1) {
      assert.equal((await auth.login('user-0', PASSWORD, ELSEWHERE)).status, 200);
    }
  });

  it('guessing is still limited', async () => {
    const statuses = [];
    for (let count = 0; count < 12; count += 1) {
      statuses.push((await auth.login('nobody-here', 'wrong password', ELSEWHERE)).status);
    }
    assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 401), 429, 429]);
  });

  it('a warning is logged, and production refuses to start', async () => {
    assert.ok(auth.log.lines.some((line) => /"level":40.*PARLEY_RATE_LIMITS/.test(line)));
    const env = { PARLEY_RATE_LIMITS: 'off', NODE_ENV: 'production' };
    await assert.rejects(AuthService.start({ env, mongo: auth.mongo }), { name: 'ConfigError' });
  });
});
