import assert from 'node:assert/strict';
import { startAuth } from '@parley/auth';
import type { RunningService } from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';
import { startWeb } from '@parley/web';

import { PAGE, sendRequest, type Answer } from './support/send-request.ts';

const SECRET = 'a secret of the tests, 32 bytes or more';
const PASSWORD = 'correct horse battery';

describe('web before the real auth', () => {
  let mongo: TestMongo;
  let auth: RunningService;
  let web: RunningService;

  before(async () => {
    mongo = await testMongo();
    const env = {
      MONGODB_URI: mongo.uri,
      PARLEY_SECRET: SECRET,
      PARLEY_TRUSTED_PROXIES: '127.0.0.1',
    };
    auth = await startAuth(env, { logger: silentLogger() });
    // No node of messaging: nothing here needs one.
    const urls = { PARLEY_AUTH_URL: auth.url, PARLEY_MESSAGING_URL: 'http://127.0.0.1:1' };
    web = await startWeb({ ...env, ...urls }, { logger: silentLogger() });
  });

  after(async () => {
    await web.close();
    await auth.close();
    await mongo.drop();
  });

  /** A browser: keeps the cookie that it is given. */
  class Browser {
    cookie = '';

    async request(method: string, path: string, body?: object): Promise<Answer> {
      const answer = await sendRequest(`${web.url}${path}`, {
        method,
        headers: { ...PAGE, cookie: this.cookie },
        ...(body === undefined ? {} : { body }),
      });
      const [given] = answer.headers['set-cookie'] ?? [];
      if (given !== undefined)
        this.cookie = given.includes('Max-Age=0') ? '' : given.split(';')[0]!;
      return answer;
    }
  }

  it('registers, knows who is logged in, changes the password, and ends every other session', async () => {
    const phone = new Browser();
    const laptop = new Browser();
    const registered = await phone.request('POST', '/bff/register', {
      username: 'ann',
      password: PASSWORD,
    });
    assert.equal(registered.status, 201);
    assert.deepEqual(Object.keys(registered.json()).sort(), ['session', 'user']);
    assert.equal((await phone.request('GET', '/bff/api/me')).json()['username'], 'ann');

    const wrong = await laptop.request('POST', '/bff/login', { username: 'ann', password: 'no' });
    assert.equal(wrong.json()['code'], 'invalid_credentials');
    assert.equal(laptop.cookie, '');
    assert.equal(
      (await laptop.request('POST', '/bff/login', { username: 'ann', password: PASSWORD })).status,
      200,
    );
    const listed = await laptop.request('GET', '/bff/api/auth/sessions');
    assert.equal((listed.json()['sessions'] as unknown[]).length, 2);

    const change = (currentPassword: string) =>
      laptop.request('POST', '/bff/api/auth/password', {
        currentPassword,
        newPassword: `${PASSWORD} 2`,
      });
    assert.equal((await change('no')).json()['code'], 'invalid_credentials');
    assert.equal((await change(PASSWORD)).status, 204);
    assert.equal((await laptop.request('GET', '/bff/api/me')).status, 200);
    const ended = await phone.request('GET', '/bff/api/me');
    assert.equal(ended.json()['code'], 'session_expired');
    assert.equal(phone.cookie, '');
  });

  it('logs out, and a kept cookie no longer works', async () => {
    const browser = new Browser();
    await browser.request('POST', '/bff/register', { username: 'ben', password: PASSWORD });
    const { cookie } = browser;
    assert.equal((await browser.request('POST', '/bff/logout')).status, 204);
    assert.equal(browser.cookie, '');
    browser.cookie = cookie;
    assert.equal((await browser.request('POST', '/bff/ticket')).status, 401);
  });

  it('ends the session that a second login in the same browser replaces', async () => {
    const browser = new Browser();
    await browser.request('POST', '/bff/register', { username: 'cleo', password: PASSWORD });
    const former = browser.cookie;
    await browser.request('POST', '/bff/login', { username: 'cleo', password: PASSWORD });
    assert.notEqual(browser.cookie, former);
    const listed = await browser.request('GET', '/bff/api/auth/sessions');
    assert.equal((listed.json()['sessions'] as unknown[]).length, 1);
  });

  it('a ticket is no bearer token', async () => {
    const browser = new Browser();
    await browser.request('POST', '/bff/register', { username: 'dora', password: PASSWORD });
    const ticket = String((await browser.request('POST', '/bff/ticket')).json()['ticket']);
    const answer = await sendRequest(`${web.url}/api/me`, {
      headers: { authorization: `Bearer ${ticket}` },
    });
    assert.equal(answer.status, 401);
    assert.equal(answer.json()['code'], 'unauthenticated');
  });

  it('has the same API for callers with a token', async () => {
    const body = { username: 'emil', password: PASSWORD };
    const registered = await sendRequest(`${web.url}/api/auth/register`, { body });
    assert.equal(registered.status, 201);
    const headers = { authorization: `Bearer ${String(registered.json()['sessionToken'])}` };
    assert.equal((await sendRequest(`${web.url}/api/me`, { headers })).json()['username'], 'emil');
    const found = await sendRequest(`${web.url}/api/users?prefix=em`, { headers });
    assert.equal((found.json()['users'] as unknown[]).length, 1);
  });

  it('forwards the address of each client to auth, so one client cannot use up the registrations of all', async () => {
    const register = (username: string, address: string) =>
      sendRequest(`${web.url}/bff/register`, {
        headers: { ...PAGE, 'x-forwarded-for': address },
        body: { username, password: PASSWORD },
      });
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) {
      statuses.push((await register(`flood-${count}`, '203.0.113.9')).status);
    }
    assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 201), 429]);
    assert.equal((await register('frida', '203.0.113.10')).status, 201);
  });
});
