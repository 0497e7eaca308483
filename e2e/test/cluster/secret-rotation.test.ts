import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { testMongo, testRedisUrl, type TestMongo } from '@parley/backend-common/testing';

import { PageVisitor } from '../support/page-visitor.ts';
import { PlainClient, call, logIn, register, type Account } from '../support/plain-client.ts';
import { ServiceProcesses } from '../support/service-processes.ts';
import { Talk } from '../support/talk.ts';

const [OLD, NEW] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
/** The order in which docs/operations.md says to restart them. */
const ORDER = ['auth', 'messaging-1', 'messaging-2', 'web'];

describe('replacing PARLEY_SECRET', () => {
  let mongo: TestMongo;
  let services: ServiceProcesses;
  let origin = '';
  const clients: PlainClient[] = [];
  const visitors: PageVisitor[] = [];

  before(async () => {
    mongo = await testMongo();
    services = await ServiceProcesses.open({
      ...{ MONGODB_URI: mongo.uri, REDIS_URL: testRedisUrl(), PARLEY_SECRET: OLD },
      PARLEY_TRUSTED_PROXIES: '127.0.0.1',
    });
    const auth = await services.start({ name: 'auth', kind: 'auth' });
    const nodes: string[] = [];
    for (const name of ['messaging-1', 'messaging-2']) {
      const env = { PARLEY_AUTH_URL: auth.url };
      nodes.push((await services.start({ name, kind: 'messaging', env })).url);
    }
    const env = { PARLEY_AUTH_URL: auth.url, PARLEY_MESSAGING_URL: nodes.join(',') };
    origin = (await services.start({ name: 'web', kind: 'web', env })).url;
  });

  after(async () => {
    await Promise.allSettled(visitors.map((visitor) => visitor.leave()));
    for (const client of clients) client.close();
    await (services as ServiceProcesses | undefined)?.close();
    await mongo.drop();
  });

  async function connect({ token }: Account): Promise<PlainClient> {
    const client = new PlainClient(origin, token);
    clients.push(client);
    await client.synced();
    return client;
  }

  it('in the documented order refuses nobody and ends no session', async () => {
    const sessions: Account[] = [];
    for (const name of ['Ann', 'Ben']) {
      const account = await register(origin, name);
      sessions.push(account, await logIn(origin, account));
    }
    const talk = await Talk.begin(sessions, connect);
    for (const name of ['cem', 'dee', 'eli']) {
      visitors.push(await PageVisitor.register(origin, name));
    }
    const [cem, dee, eli] = visitors as [PageVisitor, PageVisitor, PageVisitor];
    for (const visitor of visitors) visitor.begin();
    const everybodyGoesOn = () =>
      Promise.all([talk.reached(10), ...visitors.map((visitor) => visitor.reached(2))]);
    await everybodyGoesOn();
    const { linkCode } = await cem.call('POST', '/linking');

    for (const name of ORDER) {
      await services.restart(name, { PARLEY_SECRET: NEW, PARLEY_SECRET_PREVIOUS: OLD });
      await everybodyGoesOn();
    }
    await dee.call('POST', '/linking/confirm', { linkCode });
    await dee.call('DELETE', '/partner');
    const waiting = await dee.call('POST', '/linking');

    for (const name of ORDER) {
      await services.restart(name, { PARLEY_SECRET: NEW, PARLEY_SECRET_PREVIOUS: undefined });
      await everybodyGoesOn();
    }
    await eli.call('POST', '/linking/confirm', { linkCode: waiting.linkCode });

    for (const visitor of visitors) await visitor.leave();
    await talk.endWithEverybodyReached();
    assert.deepEqual(
      visitors.flatMap(({ refusals }) => refusals),
      [],
    );
    assert.deepEqual(talk.refusals, []);
    for (const { token } of sessions) {
      assert.equal((await call(origin, { path: '/conversations', token })).status, 200);
    }
    assert.equal(
      await mongo.db.collection('sessions').countDocuments({ revokedAt: { $gt: 0 } }),
      0,
    );
  }).timeout(300_000);
});
