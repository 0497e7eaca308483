/* eslint-disable @typescript-eslint/no-explicit-any -- answers are read here as a program without our types reads them */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { Deployment } from '../support/compose/deployment.ts';
import { png } from '../support/files.ts';
import { fetchWithin } from '../support/patience.ts';
import { PlainClient } from '../support/plain-client.ts';

interface Person {
  readonly userId: string;
  readonly token: string;
}

describe('docker-compose.yml, with its services as processes', () => {
  let parley: Deployment;
  let agent: Agent | undefined;
  const clients: PlainClient[] = [];

  before(async () => {
    parley = await Deployment.start();
    agent = new Agent({ ca: parley.nginx.ca });
  });

  after(async () => {
    for (const client of clients) client.close();
    agent?.destroy();
    await (parley as Deployment | undefined)?.close();
  });

  async function ask(
    url: string,
    options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
  ): Promise<{ status: number; body: Buffer }> {
    const { body, headers = {}, method = 'GET' } = options;
    const asked = request(url, { method, headers, agent: agent! });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, body: await buffer(answer) };
  }

  async function api(path: string, input?: object, token?: string): Promise<Record<string, any>> {
    const { body, status } = await ask(`${parley.nginx.origin}/api${path}`, {
      method: input === undefined ? 'GET' : 'POST',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(input === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(input === undefined ? {} : { body: JSON.stringify(input) }),
    });
    assert.ok(status < 300, `${path} answered ${status}: ${body.toString()}`);
    return JSON.parse(body.toString() || '{}') as Record<string, any>;
  }

  async function register(username: string): Promise<Person> {
    const answer = await api('/auth/register', { username, password: 'a long enough secret' });
    return { userId: answer['user'].id as string, token: answer['sessionToken'] as string };
  }

  async function connect({ token }: Person): Promise<PlainClient> {
    const client = new PlainClient({ origin: parley.nginx.origin, agent: agent! }, token);
    clients.push(client);
    await client.synced();
    return client;
  }

  it('lets two people exchange a message and a file through nginx', async () => {
    const [ann, ben] = [await register('ann'), await register('ben')];
    const [a, b] = [await connect(ann), await connect(ben)];
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    const conversationId = String(id);
    await a.request('message:send', { conversationId, clientId: '1', text: 'Hello' });

    const file = png(4, 4, [20, 120, 110]);
    const announced = { name: 'p.png', contentType: 'image/png', size: file.length };
    const { attachment, upload } = await api(
      '/attachments',
      { conversationId, ...announced },
      ann.token,
    );
    const put = { method: 'PUT', headers: upload.headers, body: file };
    assert.equal((await ask(upload.url, put)).status, 200);
    await api(`/attachments/${attachment.id}/complete`, {}, ann.token);
    const sent = { conversationId, clientId: '2', attachmentId: attachment.id };
    await a.request('message:send', sent);

    await b.until(() => b.of(conversationId).some(({ clientId }) => clientId === '2'));
    const messages = b.of(conversationId).filter(({ kind }) => kind === 'message');
    assert.deepEqual(
      messages.map(({ clientId, text }) => [clientId, text ?? '']),
      [
        ['1', 'Hello'],
        ['2', ''],
      ],
    );
    const { url } = await api(`/attachments/${attachment.id}/url`, undefined, ben.token);
    const got = await ask(url as string);
    assert.deepEqual(got, { status: 200, body: file });
  });

  it('has metrics of every process of Parley', async () => {
    assert.equal(parley.parts.size, 5);
    for (const [name, { metricsUrl }] of parley.parts) {
      const answer = await fetchWithin(metricsUrl!);
      assert.match(await answer.text(), /^# TYPE parley_\w+ (?:counter|gauge|histogram)$/m, name);
    }
  });

  it('shows the web app, and neither the inner paths nor a list of files', async () => {
    const page = await ask(`${parley.nginx.origin}/`, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(page.body.toString(), /<title>Parley/);
    assert.equal((await ask(`${parley.nginx.origin}/readyz`)).status, 404);
  });
});
