import assert from 'node:assert/strict';
import { DAY } from '@parley/common';

import { excerptsOf } from '../src/accounts/password-policy.ts';
import { AuthService, PASSWORD, assertRefused, type SignedIn } from './support/auth-service.ts';

describe('registering', () => {
  let auth: AuthService;
  before(async () => {
    auth = await AuthService.start();
  });
  after(() => auth.drop());

  const register = (body: Record<string, unknown>, from = '10.1.2.3') =>
    auth.call<SignedIn>('POST', '/auth/register', { body, from });

  it('creates an account and a session', async () => {
    const { data, status } = await register({
      username: 'Alice',
      password: PASSWORD,
      displayName: '  Älice Ω ',
      deviceName: 'Laptop',
    });
    assert.equal(status, 201);
    assert.match(data.sessionToken, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(data.user.username, 'alice');
    assert.equal(data.user.displayName, 'Älice Ω');
    assert.deepEqual(data.user.privacy, { readReceipts: true, lastSeen: true });
    assert.equal(data.session.deviceName, 'Laptop');
    assert.equal(data.session.current, true);
    assert.equal(data.session.expiresAt, auth.clock.now + 30 * DAY);
    const me = await auth.call('GET', '/me', { token: data.sessionToken });
    assert.deepEqual(me.data, data.user);
  });

  it('does not require a display name', async () => {
    const { data } = await register({ username: 'no.name', password: PASSWORD });
    assert.equal(data.user.displayName, null);
  });

  it('stores only hashes of the token and the password', async () => {
    const password = 'a very secret thing';
    const { data } = await register({ username: 'hashed', password });
    const users = await auth.mongo.db.collection('users').find().toArray();
    const sessions = await auth.mongo.db.collection('sessions').find().toArray();
    const dump = JSON.stringify([users, sessions]);
    assert.ok(dump.includes(data.session.id));
    assert.ok(!dump.includes(data.sessionToken));
    assert.ok(!dump.includes(password));
  });

  it('gives a username to one of many simultaneous requests', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        register({ username: 'wanted', password: PASSWORD }, `10.9.0.${index + 1}`),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      assertRefused(answer as never, 'username_taken');
    }
    const stored = await auth.mongo.db.collection('users').countDocuments({ username: 'wanted' });
    assert.equal(stored, 1);
  });

  it('refuses a taken username, ignoring case, before it computes a hash', async () => {
    await register({ username: 'taken', password: PASSWORD });
    const hashed = auth.hasher.hashed;
    assertRefused(
      (await register({ username: 'TAKEN', password: PASSWORD })) as never,
      'username_taken',
    );
    assert.equal(auth.hasher.hashed, hashed);
  });

  it('does not give the username of a deleted user to another one', async () => {
    await register({ username: 'leaver', password: PASSWORD }, '10.4.0.1');
    await auth.mongo.db
      .collection('users')
      .updateOne({ username: 'leaver' }, { $set: { deletedAt: 1 } });
    const again = await register({ username: 'leaver', password: PASSWORD }, '10.4.0.1');
    assertRefused(again as never, 'username_taken');
  });

  for (const username of [
    ...[
      'admin',
      'Root',
      'system',
      'parley',
      'support',
      'socket.io',
      'parley_support',
      'security-team',
    ],
    ...[
      'administrat0r',
      'adm1n',
      'rnoderator',
      'support24',
      'the.admin',
      'pariey-help',
      'off1cial.parley',
    ],
    ...[
      'mod',
      'trust-safety',
      'trust_safety',
      'helpdesk',
      'help.desk',
      'abuse',
      'abu5e',
      'postmaster',
    ],
    ...[
      'post_master',
      'noreply',
      'no-reply',
      'no_reply',
      'n0reply',
      'do.not.reply',
      'mailer-daemon',
      'mod-team',
    ],
    ...[
      'webmaster',
      'customer-service',
      'marketing',
      'usenet',
      'noc',
      'safety',
      'log.in',
      'sign_up',
      'bil.ling',
    ],
  ]) {
    it(`refuses the reserved name ${username}`, async () => {
      assertRefused((await register({ username, password: PASSWORD })) as never, 'username_taken');
    });
  }

  for (const username of ['ali', 'mali', 'modesty', 'reply', 'supporter', 'abusir', 'mallory.k']) {
    it(`does not reserve ${username}`, async () => {
      const from = '10.6.0.1';
      assert.equal((await register({ username, password: PASSWORD }, from)).status, 201);
    });
  }

  for (const displayName of [
    ...[
      'mod',
      'Trust & Safety',
      'trust_safety',
      'Helpdesk',
      'Abuse',
      'Postmaster',
      'No-Reply',
      'М0d',
    ],
  ]) {
    it(`refuses the display name ${displayName}`, async () => {
      const answer = await register({ username: 'some.one', displayName, password: PASSWORD });
      assertRefused(answer as never, 'invalid_input');
      const { issues } = answer.data as unknown as { issues: { path: string }[] };
      assert.deepEqual(
        issues.map(({ path }) => path),
        ['displayName'],
      );
    });
  }

  for (const username of [
    'ab',
    'x'.repeat(33),
    '.dot',
    'dash-',
    'sp ace',
    'älice',
    'a/b',
    'аlice',
  ]) {
    it(`refuses the malformed name ${JSON.stringify(username)}`, async () => {
      assertRefused((await register({ username, password: PASSWORD })) as never, 'invalid_input');
    });
  }

  const weak: [string, string][] = [
    ['is too short', 'seven77'],
    ['is common', 'password1'],
    ['is common but for its case', 'ILOVEYOU'],
    ['is the username and little else', 'weakling1234'],
    ['is the name of the product and little else', 'parley!99'],
    ['is too long', 'x'.repeat(257)],
    ['has too many bytes', '\u{1f600}'.repeat(257)],
  ];
  for (const [why, password] of weak) {
    it(`refuses a password that ${why}`, async () => {
      const answer = await register({ username: 'weakling', password });
      assertRefused(answer as never, 'invalid_input');
      const { issues } = answer.data as unknown as { issues: { path: string }[] };
      assert.deepEqual([...new Set(issues.map(({ path }) => path))], ['password']);
    });
  }

  const guessed = [
    ...['00000000', 'aaaaaaaa', 'abcdefgh', '87654321', '123123123', 'Parley2026!'],
    ...['11112222', '12121212', 'abcabcabc', 'x'.repeat(256), 'zyxwvuts'],
    ...['qwertyuiop[]', 'asdfghjkl', '1qaz2wsx', 'zaq12wsx', 'poiuytrewq', '1q2w3e4r5t'],
    ...['Summer2026!', 'winter2025', 'Football#1', 'P@ssw0rd!', 'letmein123', 'monkey12'],
    ...['20261129', '19900101', '01/02/1990', 'iloveyou2', 'abcd1234', 'dragon!!!'],
    ...['Guess.Me', 'guess-me-99', 'Imogen2026', 'featherby1', 'FEATHERBY!!', 'parley-parley'],
    ...['password'.repeat(20), 'qwerty'.repeat(6), '😀'.repeat(8)],
  ];
  for (const password of guessed) {
    it(`refuses ${JSON.stringify(password.slice(0, 20))}, which is guessed soon`, async () => {
      const input = { username: 'guess.me', displayName: 'Imogen Featherby', password };
      const answer = await register(input, '10.8.0.1');
      assertRefused(answer as never, 'invalid_input');
      const { issues } = answer.data as unknown as { issues: { path: string }[] };
      assert.deepEqual([...new Set(issues.map(({ path }) => path))], ['password']);
    });
  }

  it('estimates a bounded part of a long password', () => {
    const hostile = ['4bcdefgh@3$', '@4$1', 'a1', 'qwe', '0o'].map((part) => part.repeat(128));
    for (const password of [...hostile, ...hostile.map((each) => `!${each}`)]) {
      const parts = excerptsOf(password.slice(0, 256));
      assert.ok(parts.length <= 2);
      assert.ok(parts.every((part) => part.length > 0 && part.length <= 32));
    }
  });

  const fine = [
    'four words, and then some. '.repeat(10).slice(0, 256),
    ' spaces around ',
    'пароль не простой',
    '😀🌻🚂🦔🧵🍉⚓🎲',
    'x7#kQ9!z',
    'aaaabbbbccccdddd',
    'Nine cats slept.',
  ];
  for (const [index, password] of fine.entries()) {
    it(`accepts ${JSON.stringify(password.slice(0, 20))} unchanged`, async () => {
      const username = `fine-${index}`;
      const from = `10.7.0.${index + 1}`;
      assert.equal((await register({ username, password }, from)).status, 201);
      assert.equal((await auth.login(username, password, from)).status, 200);
      assertRefused(
        (await auth.login(username, password.slice(1), from)) as never,
        'invalid_credentials',
      );
    });
  }

  it('accepts a password in any Unicode normalization form', async () => {
    const from = '10.7.1.1';
    await register({ username: 'unicode', password: 'caf\u00e9 society' }, from);
    assert.equal((await auth.login('unicode', 'cafe\u0301 society', from)).status, 200);
  });

  it('is refused if registration is closed, and login still works', async () => {
    const mongo = auth.mongo;
    const closed = await AuthService.start({ mongo, env: { PARLEY_REGISTRATION: 'closed' } });
    try {
      const body = { username: 'latecomer', password: PASSWORD };
      assertRefused(await closed.call('POST', '/auth/register', { body }), 'forbidden');
      await auth.register('early-bird');
      assert.equal((await closed.login('early-bird', PASSWORD)).status, 200);
      const meta = await closed.call('GET', '/meta');
      assert.equal(meta.data['registration'], 'closed');
    } finally {
      await closed.stop();
    }
  });
});
